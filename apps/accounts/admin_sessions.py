"""The page of admin on which staff see where they are signed in, and end it (ACC-21, PEER-84)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from apps.accounts.models import User
from apps.accounts.selectors import live_sessions
from apps.accounts.services.revoke_sessions import revoke_sessions


def show_sessions(site: Any, request: HttpRequest) -> HttpResponse:
    """One's own devices; with POST, sign one of them out, or all but this browser."""
    user: Any = request.user
    if request.method == "POST":
        _end(request, user)
        return HttpResponseRedirect(request.path)
    context = {
        **site.each_context(request),
        "title": "Where you are signed in",
        "devices": list(live_sessions(user.pk)),
    }
    response = TemplateResponse(request, "accounts/admin_sessions.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _end(request: HttpRequest, user: Any) -> None:
    chosen = request.POST.get("session", "")
    if not chosen:
        revoke_sessions(user_id=user.pk)
        # That ended this browser's session too, which goes on.
        update_session_auth_hash(request, User.objects.get(pk=user.pk))
        messages.success(request, "You are signed out everywhere else.")
    elif (key := _uuid(chosen)) and revoke_sessions(user_id=user.pk, session_id=key):
        messages.success(request, "The device is signed out.")
    else:
        messages.error(request, "This device is not signed in.")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
