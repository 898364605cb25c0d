"""Signing in, and Django's permission questions answered by roles."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend


class RoleBackend(ModelBackend):
    """Maps `app.action_model` to the permission catalogue; filled in by the accounts issue."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the user's role holds what the question means."""
        return False
