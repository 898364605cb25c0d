"""A small local Stripe for the real SDK: forms in, JSON out, keys honoured, faults on demand.

It keeps its own book and is stricter than it needs to be: what Stripe refuses, it refuses.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
}
KNOWN = {"pm_card_visa", "pm_card_mastercard", "pm_card_authenticationRequired", *DECLINES}


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, kind: str, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message, **extra}


@dataclass
class StripeDouble:
    """The book, and the faults to come: each is `500`, `429`, `reset` or `delay:<seconds>`.

    `after:<fault>` does the work first and then fails: the outcome is unknown to the caller.
    """

    url: str = ""
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[str, int, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    calls: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, method: str, path: str, form: dict[str, str], key: str) -> tuple[int, Any]:
        """Do the call once per key."""
        with self.lock:
            self.calls.append((method, path, form, key))
            print_of_call = json.dumps([path, form], sort_keys=True)
            if key and key in self.answers:
                known, status, body = self.answers[key]
                if known != print_of_call:
                    return 400, {"error": {"type": "idempotency_error", "message": "Other form."}}
                return status, body
            try:
                status, body = 200, self._do(method, path.strip("/").split("/")[1:], form)
            except Refusal as refusal:
                status, body = refusal.status, {"error": refusal.error}
            body = json.loads(json.dumps(body))
            if key:
                self.answers[key] = (print_of_call, status, body)
            return status, body

    def _do(self, method: str, path: list[str], form: dict[str, str]) -> dict[str, Any]:
        match [method, *path]:
            case ["POST", "payment_intents"]:
                return self._create(form)
            case ["GET", "payment_intents", name]:
                return {**self._intent(name), "latest_charge": self.charge(name)}
            case ["POST", "payment_intents", name, "capture"]:
                return self._capture(self._intent(name), form)
            case ["POST", "payment_intents", name, "cancel"]:
                return self._cancel(self._intent(name))
            case ["POST", "refunds"]:
                return self._refund(self._intent(form["payment_intent"]), form)
        raise Refusal(404, "invalid_request_error", "url_invalid", f"Unrecognized URL {path}")

    def _intent(self, name: str) -> dict[str, Any]:
        if name not in self.intents:
            raise Refusal(404, "invalid_request_error", "resource_missing", f"No such {name}")
        return self.intents[name]

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        method = form["payment_method"]
        if method not in KNOWN:
            raise Refusal(400, "invalid_request_error", "resource_missing", "No such PaymentMethod")
        assert form["confirm"] == "true"
        amount, manual = int(form["amount"]), form["capture_method"] == "manual"
        name = f"pi_{uuid4().hex[:20]}"
        intent = {
            "id": name,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": form["capture_method"],
            "currency": form["currency"],
            "client_secret": f"{name}_secret_x",
            "last_payment_error": None,
            "metadata": {
                key[len("metadata[") : -1]: value
                for key, value in form.items()
                if key.startswith("metadata[")
            },
            "status": "succeeded",
        }
        self.intents[name] = intent
        if method in DECLINES:
            code, decline = DECLINES[method]
            error = {"type": "card_error", "code": code, "decline_code": decline}
            error["message"] = "Your card was declined."
            intent.update(status="requires_payment_method", last_payment_error=error)
            raise Refusal(402, **_keywords(error), payment_intent=dict(intent))
        if method == "pm_card_authenticationRequired":
            intent["status"] = "requires_action"
        elif manual:
            intent.update(status="requires_capture", amount_capturable=amount)
        else:
            intent["amount_received"] = amount
        return intent

    def confirm(self, name: str) -> dict[str, Any]:
        """The payer passes 3-D Secure."""
        with self.lock:
            intent = self.intents[name]
            assert intent["status"] == "requires_action"
            intent.update(status="succeeded", amount_received=intent["amount"])
            return dict(intent)

    def _capture(self, intent: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        _require(intent, "requires_capture")
        amount = int(form.get("amount_to_capture", intent["amount_capturable"]))
        if amount > intent["amount_capturable"]:
            raise Refusal(400, "invalid_request_error", "amount_too_large", "Over-capture.")
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        return intent

    def _cancel(self, intent: dict[str, Any]) -> dict[str, Any]:
        _require(intent, "requires_capture", "requires_action", "requires_payment_method")
        intent.update(status="canceled", amount_capturable=0)
        return intent

    def _refund(self, intent: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        amount = int(form["amount"])
        if amount > intent["amount_received"] - self.refunded(intent["id"]):
            raise Refusal(400, "invalid_request_error", "charge_already_refunded", "Over-refund.")
        refund = {
            "id": f"re_{uuid4().hex[:20]}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "status": "succeeded",
            "metadata": {
                key[len("metadata[") : -1]: value
                for key, value in form.items()
                if key.startswith("metadata[")
            },
        }
        self.refunds[refund["id"]] = refund
        return refund

    def refunded(self, name: str) -> int:
        """What went back of a payment."""
        return sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == name)

    def charge(self, name: str) -> dict[str, Any]:
        """The charge of a payment."""
        intent = self.intents[name]
        return {
            "id": "ch_" + name[3:],
            "object": "charge",
            "payment_intent": name,
            "amount": intent["amount"],
            "amount_captured": intent["amount_received"],
            "amount_refunded": self.refunded(name),
            "currency": intent["currency"],
            "metadata": intent["metadata"],
        }


def _keywords(error: dict[str, Any]) -> dict[str, Any]:
    return {"kind": error["type"], **{k: v for k, v in error.items() if k != "type"}}


def _require(intent: dict[str, Any], *statuses: str) -> None:
    if intent["status"] not in statuses:
        message = f"This PaymentIntent is {intent['status']}."
        kind = "invalid_request_error"
        raise Refusal(400, kind, "payment_intent_unexpected_state", message)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: StripeDouble

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        assert self.headers["Authorization"].startswith("Bearer sk_test_")
        with self.double.lock:
            fault = self.double.faults.pop(0) if self.double.faults else ""
        late = fault.startswith("after:")
        if fault and not late and self._fail(fault):
            return
        path = urlsplit(self.path).path
        key = self.headers.get("Idempotency-Key", "")
        status, body = self.double.answer(self.command, path, form, key)
        if late and self._fail(fault.removeprefix("after:")):
            return
        self._send(status, body)

    def _fail(self, fault: str) -> bool:
        """Misbehave; False when the call goes on after a delay."""
        kind, _, seconds = fault.partition(":")
        if kind == "delay":
            time.sleep(float(seconds))
            return False
        if kind == "reset":
            self.close_connection = True
            self.connection.close()
            return True
        self._send(int(kind), {"error": {"type": "api_error", "message": "Injected."}})
        return True

    def _send(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ValueError, OSError):
            # The caller hung up, as the fault wanted.
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def stripe_double() -> Iterator[StripeDouble]:
    """Serve on a free local port until the block ends."""
    double = StripeDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
