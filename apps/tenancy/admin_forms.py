"""Forms of the operators' store pages: settings and branding as fields, not as JSON to be typed."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS
from apps.tenancy import preferences
from apps.tenancy.models import Domain, Store
from apps.tenancy.provisioning import known_roles
from apps.tenancy.services.change_domains import RESERVED_SLUGS
from apps.tenancy.services.update_store import check_fields

_REGISTRATION = [
    ("", "Open (the platform's default)"),
    ("open", "Open"),
    ("invitation", "By invitation"),
    ("closed", "Closed"),
]
BRANDING = tuple(preferences.Branding.model_fields)
_TEXT = UnfoldAdminTextInputWidget
_MESSAGE = {"logo_url": "https:// address of an image", "primary_color": "for example #1f6feb"}


class _Json(forms.JSONField):
    """JSON that may be left empty; Django would show an empty one as the word null."""

    def prepare_value(self, value: Any) -> Any:
        """The text in the field."""
        return "" if value is None else super().prepare_value(value)


class StoreForm(forms.ModelForm[Store]):
    """A store. What is left empty means the platform's own default."""

    default_currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(EXPONENTS)],
        initial="USD",
        widget=UnfoldAdminSelectWidget,
    )
    registration = forms.ChoiceField(
        choices=_REGISTRATION, required=False, widget=UnfoldAdminSelectWidget
    )
    cors_origins = forms.CharField(
        required=False,
        label="CORS origins",
        help_text="One per line: whose pages may call the API, such as https://shop.example.com.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    mfa_required_roles = forms.MultipleChoiceField(
        required=False,
        label="Second factor required of",
        widget=UnfoldAdminSelect2MultipleWidget,
    )
    rate_limits = _Json(
        required=False,
        help_text='By the name of the limit, such as {"public": "200/minute"}.',
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    custom = _Json(
        required=False,
        help_text="Whatever your own programs keep with the store.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        model = Store
        labels = {
            "timezone": "Time zone",
            "stripe_account_id": "Stripe account",
            "is_sandbox": "Sandbox",
        }
        help_texts = {
            "locale": "A language tag, such as en or de-AT.",
            "timezone": "Such as Europe/Vienna.",
            "stripe_account_id": "Begins with acct_; no secret.",
            "is_sandbox": "A sandbox never sells for real; this cannot be changed later.",
            "slug": "Names the schema and the first host name; this cannot be changed later.",
        }
        fields = [
            "name",
            "slug",
            "default_currency",
            "locale",
            "timezone",
            "stripe_account_id",
            "is_sandbox",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["mfa_required_roles"]
        roles.choices = [(name, name.replace("_", " ")) for name in sorted(known_roles())]
        for name in BRANDING:
            widget = UnfoldAdminColorInputWidget if name == "primary_color" else _TEXT
            self.fields[name] = forms.CharField(
                required=False, widget=widget, help_text=_MESSAGE.get(name, "")
            )
        self.initial = {**self.initial, **self._kept()}

    def _kept(self) -> dict[str, Any]:
        settings = dict(self.instance.settings)
        settings["cors_origins"] = "\n".join(settings.get("cors_origins", []))
        return {**settings, **self.instance.branding}

    def wanted(self) -> dict[str, Any]:
        """`settings` and `branding` as the service takes them; null where a field is empty."""
        data = self.cleaned_data
        settings = {
            "registration": data["registration"] or None,
            "cors_origins": data["cors_origins"].split() or None,
            "mfa_required_roles": data["mfa_required_roles"] or None,
            "rate_limits": data["rate_limits"] or None,
            "custom": data["custom"] or None,
        }
        branding = {name: data[name].strip() or None for name in BRANDING}
        return {"settings": settings, "branding": branding}

    def clean(self) -> dict[str, Any] | None:
        """Say beside the field what the service would refuse."""
        data = super().clean()
        if self.errors:
            return data
        for name in ("name", "locale", "timezone", "stripe_account_id"):
            try:
                check_fields({name: self.cleaned_data[name]})
            except ValidationFailed as error:
                self.add_error(name, error.detail)
        if self.cleaned_data.get("slug") in RESERVED_SLUGS:
            self.add_error("slug", "This is reserved; choose another.")
        for kind, changes in self.wanted().items():
            try:
                preferences.merged(kind, getattr(self.instance, kind), changes)
            except ValidationFailed as error:
                for row in error.errors:
                    name = row.field.split(".")[1]
                    self.add_error(name if name in self.fields else None, row.detail)
        return data


class DomainForm(forms.ModelForm[Domain]):
    """A host name is added or removed, never changed: links to it would break unseen."""

    class Meta:
        model = Domain
        fields = ["domain", "is_primary"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["domain"].disabled = True
        else:
            # The model's own default would make every new one the primary one.
            self.initial["is_primary"] = False


class SuspendForm(BaseDialogForm):
    """Why a store is suspended."""

    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)


class DeleteForm(BaseDialogForm):
    """Its slug, typed: so that nobody deletes the wrong one."""

    slug = forms.CharField(
        max_length=40, label="The store's slug, to be sure", widget=UnfoldAdminTextInputWidget
    )

    def clean_slug(self) -> str:
        """Raises ValidationError for another store's."""
        slug = str(self.cleaned_data["slug"])
        if not Store.objects.filter(pk=self.object_id, slug=slug).exists():
            raise forms.ValidationError("This is not the slug of this store.")
        return slug
