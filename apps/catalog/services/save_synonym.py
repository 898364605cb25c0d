"""Create, change and delete synonyms (PEER-71)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.catalog.errors import SynonymNotFound
from apps.catalog.models import Synonym
from apps.catalog.search.stems import stem_keys
from apps.catalog.search.words import normal_query
from apps.catalog.storefront import bump_on_commit
from apps.common.errors import ValidationFailed

MOST_WORDS: Final = 20
MOST_SYNONYMS: Final = 2_000


def create_synonym(*, words: Sequence[str], one_way: bool = False) -> Synonym:
    """Words, or groups of up to three, that mean the same. Raises ValidationFailed."""
    with transaction.atomic():
        if Synonym.objects.count() >= MOST_SYNONYMS:
            raise ValidationFailed.of("words", "too_many", f"Keep at most {MOST_SYNONYMS:,}.")
        synonym = Synonym(one_way=one_way)
        _set_words(synonym, words)
        synonym.save(force_insert=True)
        bump_on_commit()
    return synonym


def update_synonym(*, synonym_id: UUID, changes: Mapping[str, Any]) -> Synonym:
    """Change `words` or `one_way`. Raises SynonymNotFound, ValidationFailed."""
    with transaction.atomic():
        synonym = lock_synonym(synonym_id)
        if "words" in changes:
            _set_words(synonym, changes["words"])
        synonym.one_way = changes.get("one_way", synonym.one_way)
        synonym.save()
        bump_on_commit()
    return synonym


def lock_synonym(synonym_id: UUID) -> Synonym:
    """The synonym, locked until the transaction ends. Raises SynonymNotFound."""
    synonym = Synonym.objects.select_for_update().filter(pk=synonym_id).first()
    if synonym is None:
        raise SynonymNotFound()
    return synonym


def delete_synonym(*, synonym_id: UUID) -> None:
    """Forget it. Raises SynonymNotFound."""
    with transaction.atomic():
        deleted, _ = Synonym.objects.filter(pk=synonym_id).delete()
        if not deleted:
            raise SynonymNotFound()
        bump_on_commit()


def _set_words(synonym: Synonym, words: Sequence[str]) -> None:
    plain = list(dict.fromkeys(filter(None, map(normal_query, words))))
    if not 2 <= len(plain) <= MOST_WORDS:
        detail = f"Send from 2 to {MOST_WORDS} different words."
        raise ValidationFailed.of("words", "invalid", detail)
    if any(len(word) > 64 or len(word.split()) > 3 for word in plain):
        detail = "Send at most three words in one, of 64 letters together."
        raise ValidationFailed.of("words", "too_long", detail)
    synonym.words, synonym.keys = plain, stem_keys(plain)
    if not all(synonym.keys):
        raise ValidationFailed.of("words", "stop_word", "Such small words are not looked for.")
