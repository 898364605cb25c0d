"""What a process of a round has done, on disk: it outlives the process, which may be killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Journal:
    """Lines that one process appends, and its successor reads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **entry: Any) -> None:
        """Append a line; what a killed process began to write is closed by it."""
        text = json.dumps(entry)
        whole = not self.path.exists() or self.path.read_bytes()[-1:] in {b"", b"\n"}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{'' if whole else chr(10)}{text}\n")

    def read(self) -> list[dict[str, Any]]:
        """Its whole lines."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [entry for line in lines if (entry := _entry(line)) is not None]


def _entry(line: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(line))
    except ValueError:
        return None
