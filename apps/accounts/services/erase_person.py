"""Let go of a person: anonymise at once, keep what the law has us keep, look again later."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import CASCADE
from django.utils import timezone

from apps.accounts.locks import lock_user
from apps.accounts.models import AccountStatus, Consent, Erasure, Session, User
from apps.accounts.persons import person_of, placeholder_for
from apps.accounts.privacy import erase_everywhere
from apps.accounts.rules import normalized_email
from apps.accounts.services.change_status import change_status
from apps.accounts.types import Person
from apps.common.context import current_actor
from apps.common.crypto import decrypt, encrypt
from apps.common.ids import uuid7
from apps.common.services.prune_keys import forget_answers
from apps.common.services.save_filter import forget_filters
from apps.events.facade import redact_events

_PURPOSE = "erasure"
# A consent proves what was agreed to; a revoked session keeps its last token from coming back.
_KEPT = (Consent, Session)


def erase_user(*, user_id: UUID, by_email: bool = False) -> Erasure:
    """Close the account for good and anonymise the person everywhere in the store (CMP-01).

    What bookkeeping needs (paid orders with name and postal address) stays until its retention
    ends. What is still owed to somebody, such as the farewell, is cleaned up by finish_erasures.
    by_email: staff know that the address is theirs, so guests' orders under it are too. Locks the
    user. Publishes UserDeactivated. Raises UserNotFound, LastOwner.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        person = person_of(user, by_email=by_email)
        if user.status != AccountStatus.DEACTIVATED:
            change_status(user_id=user_id, status=AccountStatus.DEACTIVATED, reason="erased")
        _anonymise(user_id, person)
        return _erase(person)


def erase_guest(*, email: str) -> Erasure:
    """The same for whoever has an e-mail address, with an account or without (CMP-01).

    Raises ValidationFailed, LastOwner.
    """
    address = normalized_email(email)
    with transaction.atomic():
        user = User.objects.filter(email=address).first()
        if user is not None:
            return erase_user(user_id=user.pk, by_email=True)
        return _erase(Person(user_id=None, email=address, placeholder=placeholder_for(uuid7())))


def finish_erasures() -> int:
    """Look again at every erasure that is open in this store; returns how many were finished."""
    finished = 0
    for erasure_id in list(Erasure.objects.filter(finished_at=None).values_list("pk", flat=True)):
        with transaction.atomic():
            open_ones = Erasure.objects.select_for_update(skip_locked=True)
            erasure = open_ones.filter(pk=erasure_id, finished_at=None).first()
            if erasure is not None:
                finished += _attempt(erasure, _subject(erasure))
    return finished


def _erase(person: Person) -> Erasure:
    erasure = Erasure(
        user_id=person.user_id,
        requested_by=current_actor(),
        subject=encrypt(json.dumps(asdict(person), default=str), purpose=_PURPOSE),
    )
    erasure.save(force_insert=True)
    _attempt(erasure, person)
    return erasure


def _attempt(erasure: Erasure, person: Person) -> bool:
    """Clean up what can be; the erasure is finished when nothing is left."""
    done = erase_everywhere(person)
    done = _redact(person) and done
    if done:
        erasure.subject = ""
        erasure.finished_at = timezone.now()
        erasure.save(update_fields=["subject", "finished_at", "updated_at"])
    return done


def _subject(erasure: Erasure) -> Person:
    kept = json.loads(decrypt(erasure.subject, purpose=_PURPOSE))
    user_id = UUID(kept["user_id"]) if kept["user_id"] else None
    return Person(**{**kept, "user_id": user_id, "words": tuple(kept["words"])})


def _redact(person: Person) -> bool:
    words = dict.fromkeys(person.words, "")
    keys = [str(person.user_id)] if person.user_id else []
    return redact_events(
        keys=keys, email=person.email, replacements={**words, person.email: person.placeholder}
    )


def _anonymise(user_id: UUID, person: Person) -> None:
    user = User.objects.get(pk=user_id)
    user.email = person.placeholder
    user.first_name = user.last_name = user.phone = ""
    user.email_verified = False
    user.set_unusable_password()
    user.save()
    Consent.objects.filter(user=user).update(address=None)
    Session.objects.filter(user=user).update(address=None, user_agent="")
    for relation in User._meta.related_objects:
        # Whatever of accounts goes with its user: addresses, links, codes, methods.
        model = relation.related_model
        goes = getattr(relation, "on_delete", None) is CASCADE
        if goes and model._meta.app_label == User._meta.app_label and model not in _KEPT:
            model._default_manager.filter(**{relation.field.name: user}).delete()
    LogEntry.objects.filter(
        content_type__app_label="accounts", content_type__model="user", object_id=str(user_id)
    ).update(object_repr=person.placeholder)
    forget_answers(str(user_id))
    forget_filters(user_id)
