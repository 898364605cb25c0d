"""See to it that somebody can sign in to admin: what the first start needs."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.rules import normalized_email
from apps.accounts.services.change_user import change_user
from apps.accounts.services.create_user import create_user
from apps.accounts.services.set_password import set_password


def ensure_admin(*, email: str, password: str, role: str, reset: bool = False) -> bool:
    """Create the user with this role unless there is one; returns whether anything was done.

    reset: the password was chosen by whoever runs this, so an existing user of this address gets
    it, and the role. Without it, anybody with the role will do and nobody is touched. Safe to run
    again. Raises ValidationFailed.
    """
    wanted = normalized_email(email)
    user = User.objects.filter(email=wanted).first()
    if user is None:
        if not reset and User.objects.filter(role=role).exists():
            return False
        create_user(email=wanted, password=password, role=role)
        return True
    if not reset or (user.role == role and user.check_password(password)):
        return False
    with transaction.atomic():
        change_user(user_id=user.pk, values={"role": role, "vendor_id": None})
        set_password(user_id=user.pk, password=password)
    return True
