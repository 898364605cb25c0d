"""How much of everything a product may have, whatever way it comes in."""

from __future__ import annotations

from typing import Final

MAX_VARIANTS: Final = 2_000
MAX_OPTIONS: Final = 10
MAX_TYPE_FIELDS: Final = 100
MAX_CHOICES: Final = 500
MAX_TEXT: Final = 1_000
# Beyond this a double no longer tells whole numbers apart.
MAX_NUMBER: Final = 10**15
MAX_MEMBERS: Final = 2_000
MAX_RULES: Final = 20
