"""`make run`: the embedded servers, the demo store and the processes of the Procfile, in one go.

Whatever stands in the way is told in one line on standard error, with exit code 1, or 2 when the
call itself was wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)

REVIVE_SECONDS = 1.0
"""How long an embedded server may be missing: an operator's `pg_ctl restart` takes less."""


class RefusalError(Exception):
    """Something outside is not as it must be; the message is one line."""


def python_problem(version: tuple[int, ...], platform: str = os.name) -> str | None:
    """What is wrong with this Python, in one line; None when nothing is."""
    if version[:2] < OLDEST_PYTHON:
        return (
            f"Python 3.11 or newer is needed and this is {version[0]}.{version[1]}: install a "
            "newer one, then run make run PYTHON=python3.11"
        )
    if platform != "posix":
        return "FusionCommerce runs on Linux and macOS: on Windows, use WSL"
    return None


def port_to_use(given: str | None) -> int:
    """The port to serve on, checked to be free. Raises RefusalError."""
    try:
        port = int(given or 8000)
        if not 1 <= port <= 65535:
            raise ValueError
    except ValueError:
        raise RefusalError(f"PORT must be a number from 1 to 65535, not {given!r}") from None
    with socket.socket() as probe:
        # Without this, connections that have just ended would count as a taken port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - as the web server will
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else 8001
                raise RefusalError(
                    f"Port {port} is already in use: stop the other program "
                    f"or run PORT={other} make run"
                ) from None
            raise RefusalError(
                f"Port {port} cannot be used ({error.strerror}): run PORT=8000 make run"
            ) from None
    return port


@contextlib.contextmanager
def only_run(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for one `make run`; two would mean two beats. Raises RefusalError."""
    import fcntl

    from config.embedded.errors import unusable

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "run.lock").open("a")
    except OSError as error:
        raise unusable(data_dir, error) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusalError(
                f"FusionCommerce already runs from {data_dir}: stop it, "
                "or set FC_DATA_DIR to another folder"
            ) from None
        yield


def announcer(port: int) -> Callable[[], None]:
    """A function to call again and again: prints the addresses once the port answers."""
    announced = False

    def announce() -> None:
        nonlocal announced
        if announced:
            return
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            announced = True
            print(
                "\nFusionCommerce is up (Ctrl-C stops it):\n"
                f"  store API       http://demo.localhost:{port}/api/v1/products\n"
                f"  API docs        http://demo.localhost:{port}/api/docs\n"
                f"  store admin     http://demo.localhost:{port}/admin\n"
                f"  platform admin  http://platform.localhost:{port}/admin\n",
                flush=True,
            )

    return announce


def reviver(data_dir: Path) -> Callable[[], None]:
    """A function to call again and again: starts an embedded server that has died."""
    from config.embedded import servers

    missing_since: float | None = None

    def revive() -> None:
        nonlocal missing_since
        if servers.up(data_dir):
            missing_since = None
        elif missing_since is None:
            missing_since = time.monotonic()
        elif time.monotonic() - missing_since > REVIVE_SECONDS:
            servers.start(data_dir)

    return revive


def serve(port: int, procfile: Path, bootstrap: list[str]) -> None:
    """Bring everything up and keep it up until asked to stop.

    bootstrap: the command that makes the database ready, empty for none.
    Raises RefusalError, EmbeddedServerError, GaveUpError.
    """
    # Imported late, so that an old Python reaches the line that says so.
    from honcho.environ import parse_procfile

    from config.embedded import servers
    from config.embedded.supervisor import StopRequest, Supervisor
    from config.embedded.watch import Watch

    try:
        commands = dict(parse_procfile(procfile.read_text()).processes)
    except OSError as error:
        raise RefusalError(f"Cannot read {procfile} ({error.strerror})") from None
    data_dir = servers.default_data_dir()
    stop = StopRequest()
    stop.install()
    with only_run(data_dir), servers.running(data_dir) as endpoints, Watch(data_dir) as watch:
        environ = {**os.environ, **endpoints.environ(), "PORT": str(port)}
        environ["FC_DATA_DIR"] = str(data_dir)
        environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
        environ["PYTHONUNBUFFERED"] = "1"
        supervisor = Supervisor(commands, environ=environ, cwd=PROJECT, watch=watch, stop=stop)
        if bootstrap and not stop.times:
            code = supervisor.run_once(bootstrap)
            if code and not stop.times:
                raise RefusalError(f"The store could not be set up (exit code {code}): see above")
        announce, revive = announcer(port), reviver(data_dir)

        def tick() -> None:
            announce()
            revive()

        supervisor.run(tick)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    problem = python_problem(sys.version_info[:3])
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="python -m config.run", description=__doc__)
    parser.add_argument("--procfile", type=Path, default=PROJECT / "Procfile")
    parser.add_argument("--no-bootstrap", action="store_true", help="the database is ready")
    options = parser.parse_args(arguments)

    from config.embedded.errors import EmbeddedServerError
    from config.embedded.supervisor import GaveUpError

    bootstrap = [] if options.no_bootstrap else [sys.executable, "manage.py", "bootstrap"]
    try:
        serve(port_to_use(os.environ.get("PORT")), options.procfile, bootstrap)
    except (RefusalError, EmbeddedServerError, GaveUpError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
