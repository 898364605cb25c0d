"""The tables of accounts, one module per subject."""

from apps.accounts.models.addresses import Address
from apps.accounts.models.api_keys import ApiKey, KeyKind
from apps.accounts.models.audit import AuditAction, AuditEntry
from apps.accounts.models.groups import CustomerGroup
from apps.accounts.models.mfa import BackupCode, ChallengeKind, MfaChallenge, MfaKind, MfaMethod
from apps.accounts.models.privacy import Consent, ConsentKind, Erasure
from apps.accounts.models.recovery import Confirmation, Purpose
from apps.accounts.models.sessions import Session
from apps.accounts.models.signing_keys import SigningKey
from apps.accounts.models.teams import Invitation, InvitationState, TeamMember
from apps.accounts.models.users import AccountStatus, User, UserManager

__all__ = [
    "AccountStatus",
    "Address",
    "ApiKey",
    "AuditAction",
    "AuditEntry",
    "BackupCode",
    "ChallengeKind",
    "Confirmation",
    "Consent",
    "ConsentKind",
    "CustomerGroup",
    "Erasure",
    "Invitation",
    "InvitationState",
    "KeyKind",
    "MfaChallenge",
    "MfaKind",
    "MfaMethod",
    "Purpose",
    "Session",
    "SigningKey",
    "TeamMember",
    "User",
    "UserManager",
]
