"""`make requirements`: which requirement ids have tests, and which have none.

Reads the `@pytest.mark.covers(...)` marks from the source, so nothing needs to run. An id that is
not in `requirement_ids.txt` is an error: a mark with a typing mistake would prove nothing.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


def known_ids() -> dict[str, list[str]]:
    """The ids by area, in the file's order."""
    areas: dict[str, list[str]] = {}
    area = ""
    for line in (HERE / "requirement_ids.txt").read_text().splitlines():
        if line.startswith("["):
            area = line.strip("[]")
            areas[area] = []
        elif line and not line.startswith("#"):
            areas[area].append(line)
    return areas


def marks(path: Path) -> Iterator[tuple[str, str]]:
    """(id, test name) for every mark in a test file; a class's marks count for the class."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            yield from ((value, node.name) for value in _covers(decorator))
    tree = ast.parse(path.read_text())
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "pytestmark":
            values = getattr(statement.value, "elts", [statement.value])
            for value in values:
                yield from ((name, "(whole file)") for name in _covers(value))


def _covers(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.covers"):
        return [str(ast.literal_eval(argument)) for argument in node.args]
    return []


def main() -> int:
    """Print the table; exit 1 when a mark names an id that does not exist."""
    covered: dict[str, list[str]] = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        for requirement, test in marks(path):
            covered[requirement].append(f"{path.relative_to(HERE)}::{test}")
    areas = known_ids()
    total = 0
    for area, ids in areas.items():
        have = [name for name in ids if name in covered]
        total += len(have)
        print(f"\n{area}: {len(have)} of {len(ids)}")
        for name in have:
            print(f"  {name:<9} {len(covered[name]):>3}  {covered[name][0]}")
        missing = [name for name in ids if name not in covered]
        if missing:
            print(f"  no test: {' '.join(missing)}")
    everything = {name for ids in areas.values() for name in ids}
    unknown = sorted(set(covered) - everything)
    for name in unknown:
        print(f"unknown id {name} in {covered[name][0]}", file=sys.stderr)
    print(f"\n{total} of {len(everything)} ids have a test.")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
