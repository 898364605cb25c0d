"""What every long-lived process does once, when it has loaded."""

from __future__ import annotations

import gc

# The collector's first generation: a request makes some ten thousand objects, nearly all of which
# die with it by themselves.
_YOUNG = 25_000


def settle() -> None:
    """Leave what was loaded to the collector no more, and have it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
