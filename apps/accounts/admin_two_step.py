"""The page of admin on which staff set up their own two-step sign-in (ACC-20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString, mark_safe
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import MfaKind
from apps.accounts.selectors import mfa_status, pending_totp
from apps.accounts.services.remove_mfa import remove_mfa
from apps.accounts.services.renew_backup_codes import renew_backup_codes
from apps.accounts.services.send_mfa_code import send_mfa_code
from apps.accounts.services.turn_on_mfa import confirm_email_codes, confirm_totp, enrol_totp
from apps.common.context import current_store
from apps.common.errors import DomainError

_CODE = {"autocomplete": "one-time-code", "spellcheck": "false"}


class ConfirmForm(forms.Form):
    """A code that turns a kind on."""

    code = forms.CharField(max_length=20, widget=UnfoldAdminTextInputWidget(attrs=_CODE))


class ProofForm(ConfirmForm):
    """What turning a kind off and renewing backup codes take."""

    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["password", "code"]


# An action gives backup codes to show, once, or a sentence that tells what was done.
Done = list[str] | str


def show_two_step(site: Any, request: HttpRequest) -> HttpResponse:
    """What is on; with POST, one step of turning something on or off."""
    if request.method != "POST":
        return _page(site, request)
    action = _ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return HttpResponse(status=400)
    form_class, do = action
    form = form_class(request.POST) if form_class else None
    if form is not None and not form.is_valid():
        messages.error(request, "Fill in every field.")
        return HttpResponseRedirect(request.path)
    try:
        done = do(request, form.cleaned_data if form is not None else {})
    except DomainError as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(request.path)
    if isinstance(done, list) and done:
        # Shown now and never again, so this answer is no redirect.
        return _page(site, request, codes=done)
    messages.success(request, done if isinstance(done, str) else "Two-step sign-in is on.")
    return HttpResponseRedirect(request.path)


def _enrol(request: HttpRequest, data: dict[str, str]) -> Done:
    enrol_totp(user_id=_me(request))
    return "Scan the picture with your app, then type the code that it shows."


def _confirm(request: HttpRequest, data: dict[str, str]) -> Done:
    return confirm_totp(user_id=_me(request), code=data["code"])


def _send(request: HttpRequest, data: dict[str, str]) -> Done:
    send_mfa_code(user_id=_me(request))
    return "A code is on its way to your mailbox."


def _confirm_email(request: HttpRequest, data: dict[str, str]) -> Done:
    return confirm_email_codes(user_id=_me(request), code=data["code"])


def _renew(request: HttpRequest, data: dict[str, str]) -> Done:
    return renew_backup_codes(user_id=_me(request), **data)


def _remove(kind: MfaKind) -> Callable[[HttpRequest, dict[str, str]], Done]:
    def remove(request: HttpRequest, data: dict[str, str]) -> Done:
        remove_mfa(user_id=_me(request), kind=kind, **data)
        return f"{kind.label}: off now."

    return remove


_ACTIONS: dict[
    str, tuple[type[forms.Form] | None, Callable[[HttpRequest, dict[str, str]], Done]]
] = {
    "enrol": (None, _enrol),
    "confirm": (ConfirmForm, _confirm),
    "send": (None, _send),
    "confirm_email": (ConfirmForm, _confirm_email),
    "renew": (ProofForm, _renew),
    "remove_totp": (ProofForm, _remove(MfaKind.TOTP)),
    "remove_email": (ProofForm, _remove(MfaKind.EMAIL)),
}


def _page(site: Any, request: HttpRequest, codes: list[str] | None = None) -> HttpResponse:
    user: Any = request.user
    status = mfa_status(user_id=user.pk, role=user.role)
    pending = None if MfaKind.TOTP in status.methods else pending_totp(user)
    context = {
        **site.each_context(request),
        "title": "Two-step sign-in",
        "status": status,
        "totp_on": MfaKind.TOTP in status.methods,
        "email_on": MfaKind.EMAIL in status.methods,
        "email_possible": not current_store().is_public,
        "pending": pending,
        "qr": _picture(pending.qr_svg) if pending else "",
        "codes": codes or [],
        "confirm": ConfirmForm(auto_id="confirm_%s"),
        "confirm_email": ConfirmForm(auto_id="confirm_email_%s"),
        "remove_totp": ProofForm(auto_id="remove_totp_%s"),
        "remove_email": ProofForm(auto_id="remove_email_%s"),
        "renew": ProofForm(auto_id="renew_%s"),
    }
    response = TemplateResponse(request, "accounts/admin_two_step.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(svg: str) -> SafeString:
    # Paths that segno drew; nothing of it is anybody's text.
    return mark_safe(svg)  # noqa: S308


def _me(request: HttpRequest) -> Any:
    return request.user.pk
