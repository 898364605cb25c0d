"""The team in the store's admin: who is in it, and who was invited (PEER-32, PEER-84).

A vendor's owner sees the people of that vendor. Every change goes through a service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.accounts.admin_vendors import NamedVendors, vendor_field
from apps.accounts.invitations import state_of
from apps.accounts.models import AccountStatus, Invitation, TeamMember, User
from apps.accounts.roles import VENDOR_ROLES, Role, may_hand_out
from apps.accounts.services.change_member import change_member
from apps.accounts.services.invite_member import invite_member
from apps.accounts.services.remove_member import remove_member
from apps.accounts.services.resend_invitation import resend_invitation
from apps.accounts.services.revoke_invitation import revoke_invitation
from apps.accounts.team import vendor_of
from apps.common.admin import NamedActors, name_of_actor, store_admin
from apps.common.errors import DomainError
from apps.common.vendor_scope import VendorView


def _by(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


class _PlaceForm(forms.ModelForm[Any]):
    """Offers the places that the signed-in user may hand out."""

    by: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = vendor_of(self.by)
        if own is None and "vendor_id" in self.fields:
            self.fields["vendor_id"] = vendor_field()
            self.initial["vendor_id"] = str(self.initial.get("vendor_id") or "")
        else:
            self.fields.pop("vendor_id", None)
        if "role" in self.fields:
            # Nobody becomes an owner because a choice was left as it stood.
            self.fields["role"].choices = [  # type: ignore[attr-defined]
                ("", "Choose a role"),
                *(
                    (role.value, role.label)
                    for role in Role
                    if may_hand_out(self.by, role=role, vendor_id=_some_vendor(role, own))
                ),
            ]

    def clean(self) -> dict[str, Any]:
        """A vendor's people have a vendor, and nobody else does. Raises ValidationError."""
        data = super().clean() or self.cleaned_data
        own = vendor_of(self.by)
        if own is not None:
            data["vendor_id"] = own
        if (data.get("role") in VENDOR_ROLES) != (data.get("vendor_id") is not None):
            raise forms.ValidationError("Vendor roles, and no others, belong to a vendor.")
        return data


def _some_vendor(role: str, own: UUID | None) -> UUID | None:
    return (own or UUID(int=1)) if role in VENDOR_ROLES else None


class _TeamAdmin(NamedVendors, ModelAdmin):
    """Forms that know who fills them in, and refusals as messages."""

    def get_form(  # type: ignore[override]
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> Any:
        """The form, with whom it is filled in by."""
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"by": _by(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A vendor's owner has no vendor to choose."""
        hidden = {"vendor_id"} if vendor_of(_by(request)) is not None else set()
        fields = [name for name in self.get_fields(request, obj) if name not in hidden]
        return [(None, {"fields": fields})]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refusal of the service is a message, not an error page."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(request.get_full_path())
        return answer

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """By what is shown: nobody guesses a hash or a nonce letter by letter."""
        shown = {"role", "status", "email", "created_at", "expires_at"}
        return lookup.partition("__")[0] in shown

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened stays to be seen."""
        return False

    def each(
        self, request: HttpRequest, chosen: QuerySet[Any], step: Callable[[Any], object], done: str
    ) -> None:
        """Take a step with each chosen row, and tell of every refusal."""
        count = 0
        for row in chosen:
            try:
                step(row.pk)
                count += 1
            except DomainError as error:
                messages.warning(request, f"{row.email}: {error.detail}")
        if count:
            messages.success(request, f"{count} {done}.")


class MemberForm(_PlaceForm):
    """Another place in the team."""

    class Meta:
        model = TeamMember
        fields = ("role", "vendor_id")


@admin.register(TeamMember, site=store_admin)
class TeamMemberAdmin(_TeamAdmin):
    """Who works here. People join by invitation and leave by the action."""

    form = MemberForm
    for_vendors = VendorView(
        path="vendor_id", may=frozenset({"view", "change"}), actions=("remove",)
    )
    list_display = ("email", "full_name", "role", "show_vendor", "show_status", "created_at")
    list_filter = ("role", "status")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    actions = ("remove",)
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only the place can be changed."""
        place = ("role", "vendor_id" if self.has_change_permission(request, obj) else "show_vendor")
        return ("email", "full_name", *place, "show_status", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is the member's own."""
        return ("email", "full_name", "show_vendor", "show_status", "created_at")

    @display(description="Name")
    def full_name(self, member: TeamMember) -> str:
        """First and last name."""
        return f"{member.first_name} {member.last_name}".strip() or "–"

    @display(
        description="Status",
        ordering="status",
        label={"Active": "success", "Suspended": "warning", "Deactivated": "danger"},
    )
    def show_status(self, member: TeamMember) -> str:
        """The status as a coloured label."""
        return AccountStatus(member.status).label

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People are invited."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not oneself, and nobody with more rights than one's own."""
        allowed = bool(super().has_change_permission(request, obj))
        if obj is None or not allowed:
            return allowed
        place = may_hand_out(_by(request), role=obj.role, vendor_id=obj.vendor_id)
        return obj.pk != request.user.pk and place

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service, which ends the member's sessions."""
        data = form.cleaned_data
        change_member(
            by=_by(request), user_id=obj.pk, role=data["role"], vendor_id=data["vendor_id"]
        )

    @admin.action(description="Remove from the team", permissions=["change"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Customers from now on, signed out at once."""
        self.each(request, chosen, lambda pk: remove_member(by=_by(request), user_id=pk), "removed")


class InvitationForm(_PlaceForm):
    """Whom to ask, and for which place."""

    class Meta:
        model = Invitation
        fields = ("email", "role", "vendor_id")

    def _post_clean(self) -> None:
        # The service checks the row: what is the form's to check is done.
        return


@admin.register(Invitation, site=store_admin)
class InvitationAdmin(NamedActors, _TeamAdmin):
    """Who was asked to join. The link is in the mail alone."""

    form = InvitationForm
    actor_field = "invited_by"
    for_vendors = VendorView(
        path="vendor_id", may=frozenset({"view", "add"}), actions=("send_again", "revoke")
    )
    list_display = (
        "email",
        "role",
        "show_vendor",
        "show_state",
        "inviter",
        "created_at",
        "expires_at",
    )
    list_filter = ("role",)
    search_fields = ("email",)
    ordering = ("-created_at",)
    actions = ("send_again", "revoke")
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A form for a new one; an old one is to read."""
        if obj is None:
            return ("email", "role", "vendor_id")
        return self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An invitation that is out stays as it is."""
        return () if obj is None else self.list_display

    @display(
        description="State",
        label={"Open": "info", "Accepted": "success", "Revoked": "danger", "Expired": "warning"},
    )
    def show_state(self, row: Invitation) -> str:
        """Where it stands now."""
        return state_of(row).label

    @display(description="Invited by")
    def inviter(self, row: Invitation) -> str:
        """The person's name."""
        return name_of_actor(row)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is sent again or revoked."""
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Who may send again and revoke."""
        return "team.manage" in _by(request).permissions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service, which has it mailed."""
        data = form.cleaned_data
        made = invite_member(
            by=_by(request), email=data["email"], role=data["role"], vendor_id=data["vendor_id"]
        )
        obj.pk, obj.email = made.pk, made.email

    @admin.action(description="Send again", permissions=["manage"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """A new link each; the former one ends."""
        by = _by(request)
        self.each(
            request, chosen, lambda pk: resend_invitation(by=by, invitation_id=pk), "sent again"
        )

    @admin.action(description="Revoke", permissions=["manage"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """The links end."""
        by = _by(request)
        self.each(request, chosen, lambda pk: revoke_invitation(by=by, invitation_id=pk), "revoked")
