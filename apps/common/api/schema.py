"""OpenAPI: every operation documents its problem documents, and the headers that it honours."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.common.api.etags import is_guarded, shows_version
from apps.common.api.idempotency import ORDER_HEADER, is_idempotent
from apps.common.limits import HEADERS


class ProblemFieldSerializer(serializers.Serializer[Any]):
    """One thing wrong with one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors: Any = ProblemFieldSerializer(many=True)
    request_id = serializers.CharField()


PROBLEM_MEDIA = "application/problem+json"
_ALWAYS = {"400": "Bad input", "404": "Not found", "429": "Too many requests"}
_SIGNED_IN = {"401": "Not signed in", "403": "Not permitted"}
_WRITES = {
    "409": "Conflict with the current state",
    "413": "Body too large",
    "415": "Content type not accepted",
    "422": "Not acceptable by the rules",
}
_WITH_A_KEY = {
    "409": "Conflict with the current state, or the first call with this Idempotency-Key still "
    "runs: `idempotency_key_running`",
    "422": "Not acceptable by the rules, or this Idempotency-Key came with another body: "
    "`idempotency_key_reused`",
}
_STALE = {"412": "Changed meanwhile: `precondition_failed`"}
_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Send the same key with a retry and get the first answer again.",
)
ORDER_TOKEN = OpenApiParameter(
    ORDER_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="What `POST orders/lookup` answered a guest.",
)
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you have read, or *; 412 when there is another version by now.",
)
_ETAG = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
_REPLAYED = {
    "description": "`true` on an answer that was stored with its Idempotency-Key.",
    "schema": {"type": "string"},
}


class ProblemSchema(AutoSchema):
    """drf-spectacular's AutoSchema plus the answers that every operation can give."""

    @property
    def _handler(self) -> object:
        return getattr(self.view, self.method.lower(), None)

    def get_override_parameters(self) -> list[Any]:
        """Add the headers that the method honours: Idempotency-Key and If-Match."""
        parameters = list(super().get_override_parameters())
        if is_idempotent(self._handler):
            parameters.append(_KEY)
        if is_guarded(self._handler):
            parameters.append(_IF_MATCH)
        return parameters

    def _get_response_headers_for_code(
        self, status_code: str, direction: Any = "response"
    ) -> dict[str, Any]:
        headers: dict[str, Any] = super()._get_response_headers_for_code(status_code, direction)
        own = dict(headers)
        if status_code == "429":
            # Every answer has all but the first; here they matter.
            own |= {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        if status_code in {"200", "201"} and shows_version(self._handler):
            own["ETag"] = _ETAG
        if is_idempotent(self._handler):
            if status_code == "409":
                own["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
            elif status_code.startswith("2"):
                own["Idempotent-Replayed"] = _REPLAYED
        return own

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        answers = dict(_ALWAYS)
        if self.get_auth():
            answers.update(_SIGNED_IN)
        if self.method in {"POST", "PUT", "PATCH", "DELETE"}:
            answers.update(_WRITES)
        if is_idempotent(self._handler):
            answers.update(_WITH_A_KEY)
        if is_guarded(self._handler):
            answers.update(_STALE)
        for status, description in answers.items():
            if status not in bodies:
                response = OpenApiResponse(ProblemSerializer, description=description)
                bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    response, status, [PROBLEM_MEDIA]
                )
        return bodies
