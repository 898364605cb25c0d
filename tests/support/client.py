"""An API client that speaks to one store's host."""

from __future__ import annotations

from typing import Any

from django.test import TestCase
from rest_framework.test import APIClient

from apps.common.context import StoreRef
from apps.common.stores import enter_store


class StoreClient(APIClient):
    """Sends the store's host name and the user's token with every request."""

    def __init__(self, store: StoreRef, user: Any = None, **defaults: Any) -> None:
        super().__init__(HTTP_HOST=store.domain, **defaults)
        self.store = store
        if user is not None:
            from apps.accounts.facade import issue_tokens

            with enter_store(store):
                access = issue_tokens(user.id).access
                warm_up(access)
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")

    def request(self, **request: Any) -> Any:
        """Send; run the on-commit callbacks afterwards, as a real commit would."""
        with enter_store(self.store), TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


def warm_up(access: str) -> None:
    """Have the current store's keys and revocations known, as before any but the first request."""
    from apps.accounts.tokens.access import open_access
    from apps.accounts.tokens.revocation import stands

    stands(open_access(access))


def forget_tokens() -> None:
    """What this process remembers of keys and tokens goes with the test that made them."""
    from apps.accounts.tokens import access, keyring, revocation

    access._remembered.clear()
    keyring._rings.clear()
    revocation._owed.clear()
