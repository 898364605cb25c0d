"""Words that were mistyped: the nearest of the store's own (PEER-71, I-55)."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

# What a store has this much more often is offered instead of what it hardly has.
_OFTEN = 20
RARE = 2


def nearest(
    word: str, candidates: Iterable[tuple[str, int, list[str]]]
) -> tuple[str, int, list[str]] | None:
    """The candidate (word, count, stems) that was most likely meant, or None.

    One slip in a word of up to four letters, two in a longer one; letters that changed places are
    one. Of equally near ones the one with the same first letter, then the more frequent.
    """
    most = 0 if len(word) < 3 else 1 if len(word) < 5 else 2
    best: tuple[tuple[int, bool, int, str], tuple[str, int, list[str]]] | None = None
    for candidate in candidates:
        term, count, stems = candidate
        slips = OSA.distance(word, term, score_cutoff=most)
        if slips > most or term == word or not stems:
            continue
        # Where the word is short, what begins otherwise is another word rather than a slip.
        key = (slips, term[0] != word[0], -count, term)
        if best is None or key < best[0]:
            best = key, candidate
    return best[1] if best else None


def is_offered(word: str, known: int, candidate: tuple[str, int, list[str]]) -> bool:
    """Whether a word that finds something may still have been meant to be the candidate."""
    close = OSA.distance(word, candidate[0], score_cutoff=1) <= 1
    return close and len(word) > 3 and candidate[1] >= _OFTEN * max(known, 1)
