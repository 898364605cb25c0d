"""Who acts in Django admin, for events, ledgers and the audit log."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.common.context import set_actor

GetResponse = Callable[[HttpRequest], HttpResponse]
_ADMIN = "/admin/"


class AdminActorMiddleware:
    """Names the signed-in user of an admin request; what staff change there is audited (ANA-01).

    Stands behind Django's AuthenticationMiddleware. API requests are named by their own
    authentication, so nothing is read here for them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the actor known."""
        if request.path_info.startswith(_ADMIN) and request.user.is_authenticated:
            set_actor(f"user:{request.user.pk}", audited=True)
        return self.get_response(request)
