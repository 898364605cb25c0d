"""Companies with their people."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from apps.orders.models import Organization
from apps.orders.services.save_member import add_member
from apps.orders.services.save_organization import create_organization
from tests.support.people import make_user


def make_company(**fields: Any) -> Organization:
    """An active company that pays before it gets anything, unless `fields` say otherwise."""
    code = f"company-{uuid4().hex[:8]}"
    return create_organization(**{"code": code, "name": "Acme Works", "currency": "USD", **fields})


def make_member(company: Organization, role: str = "buyer") -> Any:
    """Somebody who buys for the company."""
    user = make_user()
    add_member(organization_id=company.pk, user_id=user.pk, role=role)
    return user
