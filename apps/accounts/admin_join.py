"""The page behind the link of an invitation, for those who have no storefront of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from apps.accounts.errors import InvalidLink
from apps.accounts.invitations import find_by_token
from apps.accounts.models import Invitation, User
from apps.accounts.roles import Role
from apps.accounts.services.accept_invitation import accept_invitation
from apps.common.admin import store_admin
from apps.common.errors import DomainError


class JoinForm(forms.Form):
    """A name and a password, or the password that one has."""

    first_name = forms.CharField(
        max_length=100, required=False, widget=UnfoldAdminTextInputWidget, label="First name"
    )
    last_name = forms.CharField(
        max_length=100, required=False, widget=UnfoldAdminTextInputWidget, label="Last name"
    )
    password = forms.CharField(
        max_length=128, strip=False, widget=UnfoldAdminPasswordWidget, label="Choose a password"
    )

    def __init__(self, *args: Any, has_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_account:
            del self.fields["first_name"], self.fields["last_name"]
            self.fields["password"].label = "The password of your account"


@never_cache
@csrf_protect
def join(request: HttpRequest) -> HttpResponse:
    """Accept an invitation, then sign in. Whoever holds the link reads the mailbox, so the page
    may tell whether the address has an account.
    """
    token = str(request.GET.get("token", ""))
    try:
        invitation = find_by_token(token)
    except InvalidLink as error:
        return _page(request, 404, problem=error.detail)
    known = User.objects.filter(email=invitation.email).exists()
    form = JoinForm(request.POST or None, has_account=known)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(token=token, **form.cleaned_data)
        except DomainError as error:
            for reason in error.errors or [error]:
                form.add_error(None, reason.detail)
        else:
            return HttpResponseRedirect("/admin/")
    return _page(request, 200, form=form, invitation=invitation)


def _page(
    request: HttpRequest,
    status: int,
    *,
    form: JoinForm | None = None,
    invitation: Invitation | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {
        **store_admin.each_context(request),
        "title": "Join the team",
        "form": form,
        "email": invitation.email if invitation else "",
        "role": Role(invitation.role).label if invitation else "",
        "problem": problem,
    }
    return TemplateResponse(request, "accounts/join.html", context, status=status)
