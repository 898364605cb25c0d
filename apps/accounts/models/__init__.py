"""The tables of accounts, one module per subject."""

from apps.accounts.models.addresses import Address
from apps.accounts.models.sessions import Session
from apps.accounts.models.users import AccountStatus, User, UserManager

__all__ = ["AccountStatus", "Address", "Session", "User", "UserManager"]
