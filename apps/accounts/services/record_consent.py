"""Write down what somebody agreed to, or agrees to no longer."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.models import Consent
from apps.common.context import current


def record_consent(*, user_id: UUID, kind: str, version: str, granted: bool) -> Consent:
    """Append a yes or a no; what was said before stays as it is (CMP-01).

    kind: one of ConsentKind. version: of the text that was shown. Where it was said from is known
    from the request.
    """
    return Consent.objects.create(
        user_id=user_id,
        kind=kind,
        version=version,
        granted=granted,
        address=current().address or None,
    )
