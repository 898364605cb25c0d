"""API keys in the store's admin: made, rotated, revoked (PEER-54, PEER-84)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from apps.accounts.admin_vendors import vendor_field
from apps.accounts.models import ApiKey, KeyKind, User
from apps.accounts.ports import vendors
from apps.accounts.roles import PERMISSIONS
from apps.accounts.services.create_api_key import (
    NEVER_FOR_KEYS,
    NewKey,
    check_new_key,
    create_api_key,
)
from apps.accounts.services.revoke_api_key import revoke_api_key
from apps.accounts.services.rotate_api_key import rotate_api_key
from apps.common.admin import NamedActors, name_of_actor, store_admin
from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError, ValidationFailed

_NEW = "accounts/new_api_key.html"
_OVERLAP_HOURS = 24


class NewKeyForm(forms.ModelForm[ApiKey]):
    """What a new key is for."""

    by: User

    kind = forms.ChoiceField(
        choices=KeyKind.choices, initial=KeyKind.SECRET, widget=UnfoldAdminSelectWidget
    )
    scopes = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="For a secret key: what it may do.",
    )
    origins = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="For a publishable key: one per line, such as https://shop.example.com. "
        "Without any, it may be used from anywhere.",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "kind", "scopes", "origins", "vendor_id", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "vendor_id" in self.fields:
            self.fields["vendor_id"] = vendor_field()
        if "scopes" in self.fields:
            self.fields["scopes"].choices = [  # type: ignore[attr-defined]
                (code, f"{code}: {text}")
                for code, text in PERMISSIONS.items()
                if code in self.by.permissions - NEVER_FOR_KEYS
            ]

    def clean_origins(self) -> list[str]:
        """One per line."""
        return str(self.cleaned_data["origins"]).split()

    def clean(self) -> dict[str, Any] | None:
        """Say beside the field what the service would refuse."""
        data = super().clean() or {}
        if self.errors:
            return data
        try:
            check_new_key(by=self.by, **data)
        except ValidationFailed as error:
            for row in error.errors:
                name = row.field.partition(".")[0]
                self.add_error(name if name in self.fields else None, row.detail)
        return data


@admin.register(ApiKey, site=store_admin)
class ApiKeyAdmin(NamedActors, ServiceAdmin):
    """Keys without their texts; a new one is shown once, on the page that answers."""

    form = NewKeyForm
    actor_field = "created_by"
    list_display = ("name", "show_prefix", "kind", "show_state", "last_used_at", "show_creator")
    list_filter = ("kind", "created_at")
    search_fields = ("name", "prefix")
    search_help_text = "A name, or how a key begins."
    actions = ("rotate", "revoke")
    fieldsets = (
        (None, {"fields": ["name", "kind", "show_prefix", "show_state"]}),
        ("May", {"fields": ["show_scopes", "show_origins", "show_vendor"]}),
        (
            "Dates",
            {
                "fields": [
                    "created_at",
                    "show_creator",
                    "expires_at",
                    "last_used_at",
                    "previous_until",
                    "revoked_at",
                ]
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": ["name", "kind", "scopes", "origins", "vendor_id", "expires_at"]}),
    )

    @display(description="Begins with")
    def show_prefix(self, key: ApiKey) -> str:
        """How people recognise the key."""
        return f"{key.prefix}…"

    @display(
        description="State",
        label={"Active": "success", "Rotating": "info", "Expired": "warning", "Revoked": "danger"},
    )
    def show_state(self, key: ApiKey) -> str:
        """Whether it works."""
        now = timezone.now()
        if key.revoked_at is not None:
            return "Revoked"
        if key.expires_at is not None and key.expires_at <= now:
            return "Expired"
        rotating = key.previous_until is not None and key.previous_until > now
        return "Rotating" if rotating else "Active"

    @display(description="Scopes")
    def show_scopes(self, key: ApiKey) -> str:
        """What a secret key may do."""
        return ", ".join(key.scopes) or "What a guest may do"

    @display(description="Origins")
    def show_origins(self, key: ApiKey) -> str:
        """Where a publishable key may be used."""
        return ", ".join(key.origins) or "Anywhere"

    @display(description="Vendor")
    def show_vendor(self, key: ApiKey) -> str:
        """Whose things alone a key sees."""
        if key.vendor_id is None:
            return "The whole store"
        return vendors().names([key.vendor_id]).get(key.vendor_id, str(key.vendor_id))

    @display(description="Made by")
    def show_creator(self, key: ApiKey) -> str:
        """Who made it."""
        return name_of_actor(key)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is typed for a new key; everything for one that is there."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A key is not changed: another one is made, and this one revoked."""
        shown = [str(name) for _, part in self.fieldsets for name in part["fields"]]
        return shown if obj else []

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A form that knows who is signed in."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": _by(request)})

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """By what is shown: nobody guesses a hash letter by letter."""
        return lookup.partition("__")[0] in {"kind", "created_at"}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys are revoked: what they did stays theirs."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Make the key through the service; its text goes to the page that answers."""
        if change:
            return
        new = create_api_key(by=_by(request), **form.cleaned_data)
        obj.__dict__ |= new.row.__dict__
        request.new_api_key = new  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key's text, on a page of its own: it is kept nowhere, messages included."""
        return self._shown_once(request, cast(Any, request).new_api_key)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Only a new key is saved, and nothing follows it but its text."""
        shown = {
            **(extra_context or {}),
            "show_save": object_id is None,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        return super().changeform_view(request, object_id, form_url, shown)

    @admin.action(
        description=f"Rotate: a new key, the present one works for {_OVERLAP_HOURS} hours more",
        permissions=["change"],
    )
    def rotate(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        """One at a time, for its text is shown."""
        keys = list(chosen[:2])
        if len(keys) != 1:
            messages.warning(request, "Choose one key to rotate.")
            return None
        try:
            new = rotate_api_key(key_id=keys[0].pk, by=_by(request), overlap_hours=_OVERLAP_HOURS)
        except DomainError as error:
            messages.warning(request, error.detail)
            return None
        return self._shown_once(request, new)

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """They stop within a second."""
        count = len([revoke_api_key(key_id=key.pk, by=_by(request)) for key in chosen])
        messages.success(request, f"Keys revoked: {count}.")

    def _shown_once(self, request: HttpRequest, new: NewKey) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Your new key “{new.row.name}”",
            "key": new.row,
            "secret": new.secret,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, _NEW, context, headers=headers)


def _by(request: HttpRequest) -> User:
    return cast(User, request.user)
