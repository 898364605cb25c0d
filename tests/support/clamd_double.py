"""A small local clamd: INSTREAM over TCP or a Unix socket, strict, with faults on demand."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

# The text that every scanner knows for a test; in two, or this file itself would be taken away.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE: Final = "Eicar-Test-Signature"
TOO_LARGE: Final = b"INSTREAM size limit exceeded. ERROR\0"


@dataclass
class ClamdDouble:
    """What it was sent, and how it behaves.

    says: answered in place of the truth. fault: `deaf` reads nothing, `silent` says nothing,
    `trickling` says a byte now and then, `gone` hangs up. limit: as StreamMaxLength.
    """

    url: str = ""
    says: bytes | None = None
    fault: str = ""
    limit: int = 1 << 27
    came: int = 0
    seen: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, line: Any, out: Any) -> None:
        """One connection."""
        self.came += 1
        if self.fault == "deaf":
            self.over.wait(30)
            return
        content = self._received(line)
        if content is None:
            out.write(b"UNKNOWN COMMAND\0")
            return
        if len(content) > self.limit:
            out.write(TOO_LARGE)
            return
        self.seen.append(content)
        self._answer(content, out)

    def _received(self, line: Any) -> bytes | None:
        """The streamed file, as far as the limit lets it in; None for any other command."""
        if line.read(10) != b"zINSTREAM\0":
            return None
        content = b""
        while True:
            (length,) = struct.unpack("!L", line.read(4))
            if not length:
                return content
            content += line.read(length)
            if len(content) > self.limit:
                return content

    def _answer(self, content: bytes, out: Any) -> None:
        if self.fault == "silent":
            self.over.wait(30)
        elif self.fault == "trickling":
            while not self.over.wait(0.02):
                out.write(b".")
        elif self.fault != "gone":
            found = f"stream: {SIGNATURE} FOUND\0" if EICAR in content else "stream: OK\0"
            out.write(found.encode() if self.says is None else self.says)


@contextmanager
def scanning(path: Path | None = None) -> Iterator[ClamdDouble]:
    """A scanner that answers, on a Unix socket at `path`, else on a port."""
    double = ClamdDouble()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            # Whoever asks may have hung up.
            try:
                double.serve(self.rfile, self.wfile)
            except (OSError, struct.error):
                return

        def finish(self) -> None:
            try:
                super().finish()
            except OSError:
                return

    class Port(socketserver.ThreadingTCPServer):
        daemon_threads = True

    class Socket(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    server: Any = Socket(str(path), Handler) if path else Port(("127.0.0.1", 0), Handler)
    double.url = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.over.set()
        server.shutdown()
        server.server_close()
