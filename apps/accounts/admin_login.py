"""How staff get in to Django admin: password, then a code, and what ends their sessions.

A session begins after the last step and not before: between the two steps the browser holds the
token of a challenge, like a client of the API. Serves ACC-20, ACC-21, C-13.
"""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login as begin_session
from django.contrib.auth import user_logged_in
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts.admin_sessions import show_sessions
from apps.accounts.admin_two_step import show_two_step
from apps.accounts.api.mfa_serializers import METHODS
from apps.accounts.errors import InvalidMfaToken
from apps.accounts.models import MfaKind, User
from apps.accounts.selectors import must_enrol
from apps.accounts.services.answer_challenge import answer_challenge, send_code_for_challenge
from apps.accounts.services.change_password import change_password
from apps.accounts.services.start_challenge import start_challenge
from apps.common.errors import DomainError

# What the session holds between the two steps, and when it was last renewed.
_PENDING = "mfa"
_RENEWED = "renewed_at"
# A session slides, but is not written with every click.
_RENEW_SECONDS = 600


class PasswordForm(AuthenticationForm):
    """E-mail and password; a locked address is told like any other mistake."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or the password is wrong, or this is no account of "
        "the staff.",
    }

    def clean(self) -> dict[str, Any]:
        """Check them. Raises ValidationError."""
        try:
            return dict(super().clean())
        except DomainError as error:
            raise forms.ValidationError(error.detail, code=error.code) from error


class CodeForm(forms.Form):
    """A code, and where it comes from."""

    method = forms.ChoiceField(
        label="Where is your code from?", widget=UnfoldAdminSelectWidget, choices=METHODS
    )
    code = forms.CharField(
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": "", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, methods: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(kind, label) for kind, label in METHODS if kind in methods]
        self.fields["method"].choices = offered  # type: ignore[attr-defined]


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """One's own new password, set by the service, which ends all sessions but this page's."""

    def clean_old_password(self) -> str:
        """Left to the service, which counts the tries."""
        return str(self.cleaned_data["old_password"])

    def clean(self) -> dict[str, Any]:
        """Set it: what the service refuses belongs to a field. Raises ValidationError."""
        data = dict(super().clean() or self.cleaned_data)
        if self.errors:
            return data
        try:
            change_password(
                user_id=self.user.pk, current=data["old_password"], new=data["new_password1"]
            )
        except DomainError as error:
            named = {row.field for row in error.errors} or {"current"}
            field = "new_password1" if "new" in named else "old_password"
            raise forms.ValidationError({field: error.detail}) from error
        return data

    def save(self, commit: bool = True) -> User:
        """Nothing is left to do but to know the user as it stands now."""
        user: User = self.user
        user.refresh_from_db()
        return user


class PasswordStep(LoginView):
    """The first step: it begins a session only where no second one is needed."""

    authentication_form = PasswordForm
    template_name = "admin/login.html"
    site: Any = None

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin the session, or ask for the code."""
        user: Any = form.get_user()
        challenged = start_challenge(user=user)
        if challenged is None:
            return super().form_valid(form)
        # Whatever this browser was before, it is nobody until the code is right.
        self.request.session.flush()
        self.request.session[_PENDING] = {
            "token": challenged.token,
            "methods": list(challenged.methods),
        }
        query = urlencode({self.redirect_field_name: self.get_success_url()})
        return HttpResponseRedirect(f"{reverse(f'{self.site.name}:login_code')}?{query}")


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class CodeStep(RedirectURLMixin, FormView[CodeForm]):
    """The second step."""

    form_class = CodeForm
    template_name = "accounts/admin_code.html"
    site: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Back to the first step where there was none."""
        if _PENDING not in request.session:
            return self._start_over()
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Mail a code, or take one."""
        if "send" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            send_code_for_challenge(token=self._pending["token"])
        except InvalidMfaToken as error:
            return self._start_over(error.detail)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, "A code is on its way to your mailbox.")
        return HttpResponseRedirect(request.get_full_path())

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Begin the session where the code counts."""
        try:
            user = answer_challenge(token=self._pending["token"], **form.cleaned_data)
        except InvalidMfaToken as error:
            return self._start_over(error.detail)
        except DomainError as error:
            form.add_error("code", error.detail)
            return self.form_invalid(form)
        del self.request.session[_PENDING]
        if not user.is_staff:
            return self._start_over()
        begin_session(self.request, user)
        return HttpResponseRedirect(self.get_success_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the sources that the user has."""
        return {**super().get_form_kwargs(), "methods": self._pending["methods"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page shows."""
        return {
            **_of_this_place(self.site, self.request),
            **super().get_context_data(**kwargs),
            "title": "Two-step sign-in",
            "can_send": MfaKind.EMAIL in self._pending["methods"],
            "login_url": reverse(f"{self.site.name}:login"),
        }

    def get_default_redirect_url(self) -> str:
        """The first page of this admin."""
        return reverse(f"{self.site.name}:index")

    @property
    def _pending(self) -> dict[str, Any]:
        return dict(self.request.session[_PENDING])

    def _start_over(self, why: str = "") -> HttpResponse:
        self.request.session.pop(_PENDING, None)
        if why:
            messages.error(self.request, why)
        return HttpResponseRedirect(reverse(f"{self.site.name}:login"))


class AdminDoor:
    """What the admin sites ask of accounts (apps.common.admin.Door)."""

    def login(self, site: Any, request: HttpRequest) -> HttpResponse:
        """The page that asks for the password."""
        index = reverse(f"{site.name}:index")
        context = {
            **_of_this_place(site, request),
            "title": "Log in",
            "subtitle": None,
            "app_path": request.get_full_path(),
        }
        request.current_app = site.name
        view = PasswordStep.as_view(site=site, extra_context=context, next_page=index)
        return _rendered(view(request))

    def password_change(self, site: Any, request: HttpRequest) -> HttpResponse:
        """The page on which one changes one's own password; the session that asks goes on."""
        request.current_app = site.name
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse(f"{site.name}:password_change_done"),
            extra_context=site.each_context(request),
        )
        return _rendered(view(request))

    def detour(self, site: Any, request: HttpRequest) -> HttpResponse | None:
        """The page of two-step sign-in, where the role must have it and has not (C-13)."""
        _renew(request)
        page = reverse(f"{site.name}:two_step")
        user: Any = request.user
        if request.path == page or not must_enrol(user):
            return None
        return HttpResponseRedirect(page)

    def urls(self, site: Any) -> list[Any]:
        """The second step, and the page on which one sets it up."""

        def two_step(request: HttpRequest) -> HttpResponse:
            return show_two_step(site, request)

        def sessions(request: HttpRequest) -> HttpResponse:
            return show_sessions(site, request)

        return [
            path("login/code/", CodeStep.as_view(site=site), name="login_code"),
            path("two-step/", site.admin_view(two_step), name="two_step"),
            path("sessions/", site.admin_view(sessions), name="sessions"),
        ]


@receiver(user_logged_in, dispatch_uid="accounts.admin_login")
def _begin(sender: Any, request: HttpRequest, **more: Any) -> None:
    """A session that begins is fresh: its first page need not write it once more."""
    request.session[_RENEWED] = int(time.time())


def _renew(request: HttpRequest) -> None:
    """Twenty-four hours from now on, written down every ten minutes at most (ACC-21)."""
    now = int(time.time())
    if now - request.session.get(_RENEWED, 0) >= _RENEW_SECONDS:
        request.session[_RENEWED] = now


def _of_this_place(site: Any, request: HttpRequest) -> dict[str, Any]:
    """What every page of the site shows, under the name of the store whose password is asked."""
    context: dict[str, Any] = site.each_context(request)
    return {**context, "site_title": context["site_header"]}


def _rendered(response: Any) -> HttpResponse:
    answer: HttpResponse = response
    return answer
