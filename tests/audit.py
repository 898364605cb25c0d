"""`make audit`: known vulnerabilities of every pinned package (SEC-09).

pip-audit counts a package that it could not look up as harmless. Here that fails: an audit that
asked nobody is none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.txt", "requirements-dev.txt")
_PIN = re.compile(r"\A([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)


def pinned(text: str) -> set[str]:
    """The names of the packages that a requirements file pins, as PyPI writes them."""
    return {_plain(name) for line in text.splitlines() for name in _PIN.findall(line)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def findings(report: dict[str, Any], wanted: set[str]) -> list[str]:
    """What is wrong, one line each: a vulnerability, or a package that was not looked up."""
    seen = {_plain(row["name"]): row for row in report.get("dependencies", [])}
    lines = [f"{name}: not looked up" for name in sorted(wanted - set(seen))]
    for name, row in sorted(seen.items()):
        if "skip_reason" in row:
            lines.append(f"{name}: not looked up: {row['skip_reason']}")
        for found in row.get("vulns", []):
            fixed = ", ".join(found.get("fix_versions", [])) or "no version yet"
            lines.append(f"{name} {row['version']}: {found['id']}, fixed in {fixed}")
    return lines


def main() -> int:
    """Ask, print, and return 1 unless every package was looked up and is clean."""
    wanted = set().union(*(pinned((ROOT / file).read_text()) for file in FILES))
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format=json"]
    asked = [*command, "--progress-spinner=off", *(f"--requirement={file}" for file in FILES)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(done.stderr.strip() or "pip-audit printed nothing.", file=sys.stderr)
        return 1
    lines = findings(report, wanted)
    print("\n".join(lines) or f"{len(wanted)} packages looked up, no known vulnerability")
    if lines:
        print(f"error: {len(lines)} findings for {len(wanted)} packages", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
