"""`python -m config.embedded.exec -- COMMAND...`: a command with the servers up while it runs."""

# ruff: noqa: S603 - the command is the caller's own

from __future__ import annotations

import os
import signal
import subprocess
import sys

from .errors import EmbeddedServerError
from .servers import default_data_dir, running


def main(arguments: list[str]) -> int:
    """Run the command with DATABASE_URL and REDIS_URL set; returns its exit code."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: python -m config.embedded.exec -- COMMAND...", file=sys.stderr)
        return 2
    try:
        with running(default_data_dir()) as endpoints:
            return _run(command, {**os.environ, **endpoints.environ()})
    except EmbeddedServerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _run(command: list[str], environ: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environ)
    except OSError as error:
        print(f"error: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    # The terminal sends Ctrl-C to the command too: it decides, and we wait to stop the servers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
