"""Make, rename and take away groups of customers (PEER-04)."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction

from apps.accounts.errors import CustomerGroupNotFound, CustomerGroupTaken
from apps.accounts.models import CustomerGroup
from apps.common.errors import ValidationFailed

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}\Z")


def create_customer_group(*, code: str, name: str) -> CustomerGroup:
    """A new group without people. Raises ValidationFailed, CustomerGroupTaken."""
    if not _CODE.match(code):
        raise ValidationFailed.of("code", "invalid", "Send 1 to 50 of a–z, 0–9, - and _.")
    group = CustomerGroup(code=code, name=_fit(name))
    try:
        with transaction.atomic():
            group.save(force_insert=True)
    except IntegrityError as error:
        raise CustomerGroupTaken from error
    return group


def rename_customer_group(*, code: str, name: str) -> CustomerGroup:
    """Give it another name; the code stays, for prices name it.

    Locks the group. Raises CustomerGroupNotFound, ValidationFailed.
    """
    with transaction.atomic():
        group = lock_customer_group(code)
        group.name = _fit(name)
        group.save(update_fields=["name", "updated_at"])
    return group


def delete_customer_group(*, code: str) -> None:
    """Take it away: its people pay what everybody pays, and price lists for it are nobody's.

    Locks the group. Raises CustomerGroupNotFound.
    """
    with transaction.atomic():
        lock_customer_group(code).delete()


def lock_customer_group(code: str) -> CustomerGroup:
    """The group, locked until the transaction ends. Raises CustomerGroupNotFound."""
    group = CustomerGroup.objects.select_for_update().filter(code=code).first()
    if group is None:
        raise CustomerGroupNotFound
    return group


def _fit(name: str) -> str:
    line = name.strip()
    if not 0 < len(line) <= 100 or not line.isprintable():
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
    return line
