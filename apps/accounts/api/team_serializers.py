"""Shapes of teams, invitations and roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework import serializers

from apps.accounts.actors import names_of_actors
from apps.accounts.api.serializers import EmailField, PasswordField
from apps.accounts.invitations import state_of
from apps.accounts.models import AccountStatus, Invitation, InvitationState, User
from apps.accounts.ports import vendors
from apps.accounts.roles import PERMISSIONS
from apps.accounts.team import TEAM_CHOICES, vendor_of
from apps.common.api.fields import CleanCharField

_LONGEST_TOKEN = 128


def _names(actors: Collection[str], context: Mapping[str, Any]) -> dict[str, str]:
    """The names of those whom the caller may know: a vendor's owner, the own people."""
    return names_of_actors(actors, vendor_of(context["request"].user))


class _NamedVendors(serializers.ListSerializer[Any]):
    """Looks up the vendors' names for the whole list in one query, and of those who invited."""

    def to_representation(self, data: Any) -> list[Any]:
        """The rows."""
        rows = list(data)
        ids = {row.vendor_id for row in rows if row.vendor_id is not None}
        context: dict[str, Any] = self.context  # type: ignore[assignment]
        context["vendor_names"] = vendors().names(ids)
        actors = {row.invited_by for row in rows if hasattr(row, "invited_by")}
        context["actor_names"] = _names(actors, context)
        return [self.child.to_representation(row) for row in rows]  # type: ignore[union-attr]


class _WithVendor(serializers.Serializer[Any]):
    role = serializers.ChoiceField(TEAM_CHOICES)
    vendor_id = serializers.UUIDField(allow_null=True)
    vendor_name = serializers.SerializerMethodField()

    class Meta:
        list_serializer_class = _NamedVendors

    def get_vendor_name(self, row: Any) -> str | None:
        """The vendor's name, where the member acts for one."""
        if row.vendor_id is None:
            return None
        names = self.context.get("vendor_names")
        if names is None:
            names = vendors().names([row.vendor_id])
        return names.get(row.vendor_id)


class MemberSerializer(_WithVendor):
    """A member of the team."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    status = serializers.ChoiceField(AccountStatus.choices)
    created_at = serializers.DateTimeField()


class InvitationSerializer(_WithVendor):
    """An invitation; its link is in the mail alone."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    state = serializers.SerializerMethodField()
    invited_by = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)

    def get_state(self, row: Invitation) -> InvitationState:
        """Where it stands now."""
        return state_of(row)

    def get_invited_by(self, row: Invitation) -> str | None:
        """The name of who invited, as far as known."""
        names = self.context.get("actor_names")
        if names is None:
            names = _names([row.invited_by], self.context)
        return names.get(row.invited_by)


class PlaceSerializer(serializers.Serializer[Any]):
    """A place in the team."""

    role = serializers.ChoiceField(TEAM_CHOICES)
    vendor_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="For a vendor's people; a vendor's owner need not name it.",
    )


class InviteSerializer(PlaceSerializer):
    """Whom to invite, and to which place."""

    email = EmailField()


class AcceptSerializer(serializers.Serializer[Any]):
    """The token of the mail. For an address that has an account already, `password` is that
    account's, and the names are not looked at.
    """

    token = serializers.CharField(max_length=_LONGEST_TOKEN)
    password = PasswordField()
    first_name = CleanCharField(max_length=100, required=False, allow_blank=True, default="")
    last_name = CleanCharField(max_length=100, required=False, allow_blank=True, default="")


class PermissionSerializer(serializers.Serializer[Any]):
    """A code of the catalogue."""

    code = serializers.ChoiceField(sorted(PERMISSIONS))
    title = serializers.CharField()


class RoleSerializer(serializers.Serializer[Any]):
    """A role: a named bundle of the catalogue."""

    role = serializers.ChoiceField(TEAM_CHOICES)
    title = serializers.CharField()
    for_vendors = serializers.BooleanField(help_text="Whether it acts for one vendor alone.")
    may_hand_out = serializers.BooleanField(help_text="Whether the caller may give it to others.")
    permissions = serializers.ListField(child=serializers.CharField())


class RolesSerializer(serializers.Serializer[Any]):
    """The catalogue, and who holds what of it."""

    permissions = PermissionSerializer(many=True)
    roles = RoleSerializer(many=True)


def member_body(user: User) -> dict[str, Any]:
    """One member on the wire."""
    return dict(MemberSerializer(user).data)
