"""The pages behind mailed links, for stores that have no storefront of their own yet.

A storefront on the store's host takes over by serving `/account/…` itself and calling the API.
Following a link shows a form and changes nothing: programs that look into mails follow links too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from apps.accounts.errors import InvalidLink, TooManyAttempts
from apps.accounts.links import follow_link
from apps.accounts.models import Purpose
from apps.accounts.services.confirm_email import EMAIL_PURPOSES, confirm_email
from apps.accounts.services.confirm_password_reset import confirm_password_reset
from apps.accounts.services.request_password_reset import request_password_reset
from apps.common.context import current_store
from apps.common.errors import DomainError


class ForgotForm(forms.Form):
    """An e-mail address."""

    email = forms.EmailField(
        max_length=255,
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class VerifyForm(forms.Form):
    """A token, from the link."""

    token = forms.CharField(max_length=200, widget=forms.HiddenInput)


class ResetForm(VerifyForm):
    """A token, and a new password."""

    password = forms.CharField(
        max_length=128,
        strip=False,
        label="New password",
        help_text="At least 8 characters, among them an upper-case letter, a digit and a special "
        "character.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


# The page holds its own style, and nothing else.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@method_decorator(
    [sensitive_post_parameters("password", "token"), never_cache, csrf_protect], name="dispatch"
)
class _Page(FormView[Any], ABC):
    """One form; what the service refuses is shown above it, a link that is over in its place."""

    template_name = "accounts/page.html"
    title = ""
    text = ""
    button = ""
    done = ""
    # What the page's links are for; none where it takes no link.
    purposes: tuple[str, ...] = ()
    # Where one gets another link.
    advice = ""
    advice_page = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Whatever the page answers, nothing but it may run in it."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; a link that is over is told before anybody types."""
        try:
            if self.purposes:
                follow_link(request.GET.get("token", ""), *self.purposes)
        except InvalidLink as error:
            return self._over(error)
        except TooManyAttempts as error:
            return self._instead(error)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The token of the link."""
        return {"token": self.request.GET.get("token", "")}

    @abstractmethod
    def act(self, data: dict[str, Any]) -> object:
        """What the form is for. Raises DomainError."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it, and say so."""
        try:
            self.act(form.cleaned_data)
        except InvalidLink as error:
            return self._over(error)
        except DomainError as error:
            for reason in [row.detail for row in error.errors] or [error.detail]:
                form.add_error(None, reason)
            return self.render_to_response(self.get_context_data(form=form), status=error.status)
        return TemplateResponse(
            self.request, self.template_name, self.get_context_data(form=None, done=self.done)
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page shows."""
        words = {"title": self.title, "text": self.text, "button": self.button}
        return super().get_context_data(store=current_store().name, **words, **kwargs)

    def _over(self, error: InvalidLink) -> HttpResponse:
        where = reverse(self.advice_page) if self.advice_page else ""
        return self._instead(error, advice=self.advice, advice_url=where)

    def _instead(self, error: DomainError, **advice: str) -> HttpResponse:
        context = self.get_context_data(form=None, problem=error.detail, **advice)
        return self.render_to_response(context, status=error.status)


class VerifyPage(_Page):
    """Confirm an e-mail address (ACC-24)."""

    form_class = VerifyForm
    title = "Confirm your e-mail address"
    text = "One click, and we know that this mailbox is yours."
    button = "Confirm"
    done = "Thank you. Your e-mail address is confirmed."
    purposes = EMAIL_PURPOSES
    advice = "Sign in and have a new one mailed."

    def act(self, data: dict[str, Any]) -> object:
        """Raises InvalidLink, TooManyAttempts, EmailTaken."""
        return confirm_email(token=data["token"])


class ResetPage(_Page):
    """Choose a new password (ACC-23)."""

    form_class = ResetForm
    title = "Choose a new password"
    button = "Set the password"
    done = "Your password is changed, and you were signed out everywhere. Sign in with the new one."
    purposes = (Purpose.RESET_PASSWORD,)
    advice = "Ask for a new link"
    advice_page = "admin_password_reset"

    def act(self, data: dict[str, Any]) -> object:
        """Raises InvalidLink, TooManyAttempts, ValidationFailed."""
        confirm_password_reset(token=data["token"], password=data["password"])
        return None


class ForgotPage(_Page):
    """Ask for a link with which to choose a new password (ACC-23)."""

    form_class = ForgotForm
    title = "Forgot your password?"
    text = "We mail you a link with which you choose a new one."
    button = "Send the link"
    done = "If the address has an account here, a mail with a link is on its way."

    def act(self, data: dict[str, Any]) -> object:
        """Raises TooManyAttempts, ValidationFailed."""
        request_password_reset(email=data["email"])
        return None


urlpatterns = [
    path("verify-email", VerifyPage.as_view(), name="account_verify_email"),
    path("reset-password", ResetPage.as_view(), name="account_reset_password"),
    # The name by which Django's own sign-in page finds it, and then links it.
    path("forgot-password", ForgotPage.as_view(), name="admin_password_reset"),
]
