"""Staying signed in, seeing where, and signing out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import tokens
from apps.accounts.api.answers import CSRF, MODE, REFRESHED, tokens_answer
from apps.accounts.api.cookies import check_csrf, refresh_cookie, take_cookies, wants_cookies
from apps.accounts.api.serializers import LogoutSerializer, RefreshSerializer, SessionSerializer
from apps.accounts.errors import InvalidToken, SessionNotFound
from apps.accounts.selectors import live_sessions
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.services.rotate_tokens import rotate_tokens
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer

_REFUSED: dict[Any, Any] = {
    (401, PROBLEM_MEDIA): ProblemSerializer,
    (403, PROBLEM_MEDIA): ProblemSerializer,
}


@extend_schema(tags=["auth"])
class RefreshView(APIView):
    """ACC-03."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}
    rate_scope = "auth"

    @extend_schema(
        operation_id="auth_refresh",
        parameters=[MODE, CSRF],
        request=RefreshSerializer,
        responses={200: REFRESHED, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Trade a refresh token for a new pair. One that was traded before ends its session.

        With `X-Auth-Mode: cookie` the token is the cookie's, and so is the new pair.
        """
        if not wants_cookies(request):
            data = valid_data(RefreshSerializer(data=request.data))
            return tokens_answer(request, rotate_tokens(refresh=data["refresh"]), by_cookie=False)
        held = refresh_cookie(request)
        if not held:
            raise InvalidToken("There is no refresh token in a cookie.")
        check_csrf(request, tokens.read(held, kind=tokens.REFRESH)["sid"])
        return tokens_answer(request, rotate_tokens(refresh=held), by_cookie=True)


@extend_schema(tags=["auth"])
class LogoutView(APIView):
    """C-11, T14."""

    open_to_enrolment = True
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="auth_logout",
        parameters=[CSRF],
        request=LogoutSerializer,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """End the session of the access token, or of the refresh token in body or cookie."""
        ended = [] if request.auth is None else [_own(request)]
        refresh = valid_data(LogoutSerializer(data=request.data)).get("refresh")
        held = "" if ended or refresh else refresh_cookie(request)
        if refresh or held:
            claims = tokens.read(refresh or held, kind=tokens.REFRESH)
            ended.append((UUID(claims["sub"]), UUID(claims["sid"])))
        if held:
            check_csrf(request, ended[0][1])
        if not ended:
            raise NotAuthenticated
        for user_id, session_id in ended:
            revoke_sessions(user_id=user_id, session_id=session_id)
        response = Response(status=204)
        take_cookies(response, request)
        return response


class _OwnSessions(APIView):
    """One's own signed-in devices."""

    permission_classes = [HasPermission]


@extend_schema(tags=["auth"])
class SessionListView(_OwnSessions):
    """ACC-21, C-11."""

    required_permissions = {"GET": None, "DELETE": None}

    @extend_schema(operation_id="sessions_list", responses=SessionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Where one is signed in, the device used last first; at most five."""
        user_id, current = _own(request)
        rows = live_sessions(user_id)
        return Response(SessionSerializer(rows, many=True, context={"current": current}).data)

    @extend_schema(operation_id="sessions_destroy_others", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere else."""
        user_id, current = _own(request)
        revoke_sessions(user_id=user_id, but=current)
        return Response(status=204)


@extend_schema(tags=["auth"])
class SessionView(_OwnSessions):
    """ACC-21, C-11."""

    required_permissions = {"DELETE": None}

    @extend_schema(operation_id="sessions_destroy", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Sign out one device. Other people's, and those that ended, are 404."""
        user_id, _ = _own(request)
        if not revoke_sessions(user_id=user_id, session_id=session_id):
            raise SessionNotFound
        return Response(status=204)


def _own(request: Request) -> tuple[UUID, UUID]:
    """User and session of whoever asks. Raises NotAuthenticated for an API key, which has none."""
    principal: Any = request.user
    if principal.session_id is None:
        raise NotAuthenticated
    return principal.pk, principal.session_id
