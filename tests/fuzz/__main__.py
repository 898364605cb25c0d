"""`make fuzz`: every operation of the API, with data that fits its schema and data that does not.

Starts a server of its own, makes a store with somebody of each role, and runs schemathesis (all
checks) once per role and host, and once without a token. Exit code 1 when any run found a server
error, an undocumented status or an answer outside its schema. Serves I1 of RELIABILITY.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.demo_http import PROJECT, Api, own_server
from config.embedded.servers import stop
from tests.fuzz.people import PLATFORM, ROLES, STORE, fill, token_of
from tests.fuzz.things import put_in

# What ends the session that fuzzes, or the account: run last with a new token, and by those who
# may end most each alone.
ENDINGS = (
    *("auth_logout", "auth_password_change", "sessions_destroy_others", "sessions_destroy"),
    *("mfa_email_confirm", "mfa_totp_confirm", "team_update", "team_destroy", "users_update"),
    *("users_partial_update", "users_mfa_reset", "users_destroy", "users_erase"),
    "privacy_erasures_create",
)
MAY_END = ("owner", "operator")
# One of each kind of right, who also sends every field's every boundary. That is three quarters of
# the requests, and what it finds in the shape of a request it finds as any of them.
THOROUGH = ("owner", "operator", "customer", "vendor_owner", "nobody")
# The store itself: deleting or suspending it would leave nothing to fuzz.
SPARED = rf"^(stores_destroy|stores_suspend.*|{'|'.join(ENDINGS)})$"
# The token is told as the scheme's own, not as any header, so that one left out is noticed.
_ONCE = """
[auth.openapi.bearerAuth]
bearer = "${FUZZ_TOKEN}"
"""
CONFIG = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Run:
    """One run of schemathesis."""

    role: str
    host: str
    ending: str = ""

    @property
    def title(self) -> str:
        """What is printed."""
        ending = "endings" if "|" in self.ending else self.ending
        return f"{self.role} on {self.host}{ending and f', {ending}'}"


def runs() -> list[Run]:
    """Every role on its own host."""
    whole = [Run(role, STORE) for role in ROLES]
    whole += [Run("operator", PLATFORM), Run("nobody", STORE), Run("nobody", PLATFORM)]
    return [*whole, *(one for run in whole if run.role != "nobody" for one in _endings(run))]


def _endings(run: Run) -> list[Run]:
    alone = ENDINGS if run.role in MAY_END else ["|".join(ENDINGS)]
    return [Run(run.role, run.host, ending) for ending in alone]


def main() -> int:
    """Fuzz, and say how many cases there were."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=8, help="most cases per operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", action="append", help="only this role; may be repeated")
    parser.add_argument("--least", type=int, default=0, help="fail with fewer cases than this")
    parser.add_argument("--operation", default="", help="only the operation ids that match")
    options = parser.parse_args()
    chosen = [run for run in runs() if not options.role or run.role in options.role]
    data_dir = PROJECT / ".data" / "fuzz"
    failed, cases = [], 0
    # From nothing: what an earlier run left behind would be fuzzed as well.
    stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)
    # Made-up sign-ins lock the address that they come from: each run has one of its own.
    os.environ["TRUSTED_PROXIES"] = "1"
    with own_server(data_dir) as (api, _):
        examples = fill(api, data_dir)
        for number, run in enumerate(chosen, start=1):
            environ = _environ()
            if run.role != "nobody":
                environ["FUZZ_TOKEN"] = token_of(api, run.role, data_dir)
            code, count = _fuzz(api, run, f"198.51.100.{number}", options, examples, environ)
            cases += count
            if code:
                failed.append(run.title)
    print(f"\n{cases} cases, {len(chosen)} runs, {len(failed)} of them with findings")
    for title in failed:
        print(f"  {title}")
    return 1 if failed or cases < options.least else 0


def _fuzz(
    api: Api,
    run: Run,
    address: str,
    options: argparse.Namespace,
    examples: dict[str, Any],
    environ: dict[str, str],
) -> tuple[int, int]:
    """The exit code of one run, which comes from `address`, and the number of its cases."""
    host = f"{run.host}.localhost:{api.port}"
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file=schemathesis.toml",
        "run",
        "openapi.json",
        f"--url=http://127.0.0.1:{api.port}",
        f"--header=Host: {host}",
        f"--header=X-Forwarded-For: {address}",
        "--checks=all",
        f"--phases=examples,{'coverage,' if run.role in THOROUGH else ''}fuzzing",
        f"--max-examples={options.examples}",
        f"--seed={options.seed}",
        "--continue-on-failure",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--warnings=off",
        # Two threads that compile at once trip Python 3.11 ("AST constructor recursion depth").
        "--workers=1",
        "--no-color",
    ]
    config = CONFIG.read_text() + (_ONCE if run.role != "nobody" else "")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "schemathesis.toml").write_text(config)
        document = json.loads(api.fetch(run.host, "/api/schema?format=json", token=""))
        if run.role != "nobody":
            _only_tokens(document)
        wanted = _wanted(run, document, options.operation)
        if not wanted:
            return 0, 0
        command.append(f"--include-operation-id-regex=^({'|'.join(map(re.escape, wanted))})$")
        if run.host == STORE and not run.ending:
            put_in(document, examples)
        Path(folder, "openapi.json").write_text(json.dumps(document))
        report = Path(folder) / "report.json"
        command += ["--report=json", f"--report-json-path={report}"]
        print(f"\n=== {run.title}", flush=True)
        result = subprocess.run(
            command, cwd=folder, text=True, capture_output=True, check=False, env=environ
        )
        count = _cases(result.stdout, report)
    if result.returncode:
        print(result.stdout + result.stderr)
    print(f"{run.title}: {count} cases, {'FINDINGS' if result.returncode else 'clean'}", flush=True)
    return result.returncode, count


def _only_tokens(document: dict[str, Any]) -> None:
    """Leave keys and cookies out: made up beside a good token, they turn every answer to 401."""
    for path in document["paths"].values():
        for operation in path.values():
            ways = operation.get("security", []) if isinstance(operation, dict) else []
            ways[:] = [way for way in ways if not way or "bearerAuth" in way]


def _wanted(run: Run, document: dict[str, Any], pattern: str) -> list[str]:
    """The ids of the operations that the run takes, of those that match the pattern."""
    found = [
        str(operation["operationId"])
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and re.search(pattern, operation["operationId"])
    ]
    if run.ending:
        return [one for one in found if re.fullmatch(run.ending, one)]
    if run.role == "nobody":
        return found
    return [one for one in found if not re.search(SPARED, one)]


def _environ() -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "160"}


def _cases(output: str, report: Path) -> int:
    """How many requests were made, as schemathesis itself counted them."""
    match = re.search(r"(\d+) generated", output)
    if match:
        return int(match[1])
    if report.exists():
        found = json.loads(report.read_text()).get("test_cases", {})
        return int(found.get("generated", 0)) if isinstance(found, dict) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
