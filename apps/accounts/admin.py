"""People, in a store's admin and in the operators'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from apps.accounts import admin_audit, admin_groups, admin_keys, admin_roles, admin_team  # noqa: F401 - each registers its page
from apps.accounts.admin_vendors import NamedVendors, vendor_field
from apps.accounts.models import AccountStatus, Address, User
from apps.accounts.roles import PLATFORM_ROLES, Role, may_manage
from apps.accounts.rules import check_phone, check_role, normalized_email
from apps.accounts.services.change_status import change_status
from apps.accounts.services.create_user import create_user
from apps.accounts.services.manage_user import manage_user
from apps.accounts.services.remove_mfa import reset_mfa
from apps.accounts.services.set_password import set_password
from apps.accounts.services.unlock_account import unlock_account
from apps.common.admin import platform_admin, store_admin
from apps.common.context import current_store
from apps.common.errors import DomainError

_PROFILE = ["email", "first_name", "last_name", "phone", "role", "vendor_id"]


def _grantable(held: frozenset[str]) -> list[tuple[str, str]]:
    """The roles that exist here and that somebody with these permissions may hand out."""
    here = [role for role in Role if (role in PLATFORM_ROLES) == current_store().is_public]
    return [(role.value, role.label) for role in here if may_manage(held, role)]


class _RoleMixin(forms.ModelForm[User]):
    """Offers the roles that the signed-in user may hand out, and checks what goes with them."""

    held: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].choices = _grantable(self.held)  # type: ignore[attr-defined]
        if "vendor_id" in self.fields:
            self.fields["vendor_id"] = vendor_field()
            self.initial["vendor_id"] = str(self.initial.get("vendor_id") or "")

    def clean(self) -> dict[str, Any]:
        """Role and vendor must go together, and a number be one. Raises ValidationError."""
        data = super().clean() or self.cleaned_data
        try:
            check_phone(data.get("phone", ""))
            if "role" in data:
                check_role(data["role"], data.get("vendor_id"))
        except DomainError as error:
            raise forms.ValidationError(error.detail) from error
        return data


class AddUserForm(_RoleMixin, UserCreationForm):
    """A new user with a password typed twice."""

    class Meta:
        model = User
        fields = _PROFILE
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        """The address as it is kept, so that a taken one is told. Raises ValidationError."""
        try:
            return normalized_email(self.cleaned_data["email"])
        except DomainError as error:
            raise forms.ValidationError(error.detail) from error


class ChangeUserForm(_RoleMixin):
    """The profile; the password has its own page."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone", "role", "vendor_id", "customer_group"]


class PasswordForm(AdminPasswordChangeForm):
    """A new password, set by the service, which also signs the user out everywhere."""

    usable_password = None

    def save(self, commit: bool = True) -> User:
        """Set it."""
        changed = set_password(user_id=self.user.pk, password=self.cleaned_data["password1"])
        self.user.password = changed.password
        return changed


class AddressInline(TabularInline):
    """The address book, to look at: it is the user's own to change."""

    model = Address
    fields = ["label", "name", "line1", "city", "postal_code", "country", "is_default"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Users add their own."""
        return False


@admin.register(User, site=store_admin)
@admin.register(User, site=platform_admin)
class UserAdmin(NamedVendors, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Add, change, suspend, reinstate, set a password. Every change goes through a service."""

    form = ChangeUserForm
    add_form = AddUserForm
    change_password_form = PasswordForm
    list_display = ["email", "full_name", "role", "show_vendor", "show_status", "created_at"]
    list_filter = ["role", "status", "created_at"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    date_hierarchy = "created_at"
    filter_horizontal = ()
    inlines = [AddressInline]
    actions = ["suspend", "reinstate", "deactivate", "unlock", "reset_two_step"]
    readonly_fields = [
        "email",
        "show_vendor",
        "status",
        "email_verified",
        "last_login",
        "created_at",
    ]
    fieldsets = [
        (None, {"fields": ["email", ("first_name", "last_name"), "phone"]}),
        ("Rights", {"fields": ["role", "vendor_id", "status"]}),
        ("Prices", {"fields": ["customer_group"]}),
        ("Dates", {"fields": ["email_verified", "last_login", "created_at"]}),
    ]
    add_fieldsets = [(None, {"fields": [*_PROFILE, "password1", "password2"], "classes": ["wide"]})]

    @display(
        description="Status",
        ordering="status",
        label={"Active": "success", "Suspended": "warning", "Deactivated": "danger"},
    )
    def show_status(self, user: User) -> str:
        """The status as a coloured label."""
        return AccountStatus(user.status).label

    def get_form(  # type: ignore[override]
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> Any:
        """A form that knows which rights the signed-in user has."""
        form = super().get_form(request, obj, **kwargs)
        held = request.user.permissions  # type: ignore[union-attr]
        return type(form.__name__, (form,), {"held": held})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything is typed once for a new user; the address is fixed from then on."""
        return [] if obj is None else list(self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look reads the vendor's name."""
        fieldsets = super().get_fieldsets(request, obj)
        if current_store().is_public:
            fieldsets = [part for part in fieldsets if part[0] != "Prices"]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        rights = ("Rights", {"fields": ["role", "show_vendor", "status"]})
        return [rights if name == "Rights" else (name, parts) for name, parts in fieldsets]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """A new user has no addresses yet."""
        return [] if obj is None else self.inlines

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not oneself, whose rights others decide, and nobody with more rights."""
        allowed = bool(super().has_change_permission(request, obj))
        if obj is None or not allowed:
            return allowed
        held = request.user.permissions  # type: ignore[union-attr]
        return obj.pk != request.user.pk and may_manage(held, obj.role)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are suspended or deactivated: what they did stays."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Create or change through the service."""
        data = form.cleaned_data
        if change:
            held = request.user.permissions  # type: ignore[union-attr]
            values = {name: data[name] for name in form.changed_data}
            if "customer_group" in values:
                group = values["customer_group"]
                values["customer_group"] = group.code if group else ""
            manage_user(user_id=obj.pk, values=values, held=held)
            return
        created = create_user(**{name: data[name] for name in _PROFILE}, password=data["password1"])
        obj.__dict__ |= created.__dict__

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal of the service is a message above the form, not an error page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.detail)
            request.method = "GET"
            return super().changeform_view(request, *args, **kwargs)

    @admin.action(description="Suspend the chosen accounts", permissions=["change"])
    def suspend(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """They are signed out and may not sign in."""
        self._set_status(request, chosen, AccountStatus.SUSPENDED)

    @admin.action(description="Reinstate the chosen accounts", permissions=["change"])
    def reinstate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """They may sign in again."""
        self._set_status(request, chosen, AccountStatus.ACTIVE)

    @admin.action(description="Deactivate the chosen accounts for good", permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Asks first, for there is no way back (ACC-16)."""
        if "confirmed" in request.POST:
            self._set_status(request, chosen, AccountStatus.DEACTIVATED)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Deactivate accounts",
            "count": chosen.count(),
            # A page of the list at most; "all pages" is told by select_across.
            "chosen": chosen[: self.list_per_page],
            "across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "accounts/deactivate.html", context)

    @admin.action(description="Unlock signing in for the chosen accounts", permissions=["change"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Failed tries are forgotten."""
        for user in chosen:
            if self.has_change_permission(request, user):
                unlock_account(user_id=user.pk)
                messages.success(request, f"{user.email} may sign in again.")
            else:
                messages.warning(request, f"{user.email}: your role may not change this account.")

    @admin.action(
        description="Turn off two-step sign-in of the chosen accounts", permissions=["change"]
    )
    def reset_two_step(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """For who lost the telephone and the backup codes; each is told by mail."""
        by: Any = request.user
        for user in chosen:
            try:
                reset_mfa(user_id=user.pk, by=by.pk, held=by.permissions)
            except DomainError as error:
                messages.warning(request, f"{user.email}: {error.detail}")
            else:
                messages.success(request, f"{user.email}: two-step sign-in is off.")

    def _set_status(
        self, request: HttpRequest, chosen: QuerySet[User], status: AccountStatus
    ) -> None:
        changed = 0
        for user in chosen:
            if not self.has_change_permission(request, user):
                messages.warning(request, f"{user.email}: your role may not change this account.")
                continue
            try:
                change_status(user_id=user.pk, status=status)
            except DomainError as error:
                messages.warning(request, f"{user.email}: {error.detail}")
            else:
                changed += 1
        messages.success(request, f"Accounts {status.label.lower()} now: {changed}.")
