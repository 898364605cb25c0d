"""OpenAPI: every operation documents its problem documents and the Idempotency-Key header."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

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
    errors = ProblemFieldSerializer(many=True)  # type: ignore[assignment]  # a field here
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


class ProblemSchema(AutoSchema):
    """drf-spectacular's AutoSchema plus the answers that every operation can give."""

    def get_override_parameters(self) -> list[Any]:
        """Add the Idempotency-Key header where the view honours it."""
        parameters = list(super().get_override_parameters())
        view_operations = getattr(self.view, "idempotent_methods", ())
        if self.method in view_operations:
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="Send the same key with a retry and get the first answer again.",
                )
            )
        return parameters

    def _get_response_headers_for_code(
        self, status_code: str, direction: Any = "response"
    ) -> dict[str, Any]:
        headers: dict[str, Any] = super()._get_response_headers_for_code(status_code, direction)
        if status_code != "429":
            return headers
        # Every answer has all but the first; here they matter.
        return {**headers, **{name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        answers = dict(_ALWAYS)
        if self.get_auth():
            answers.update(_SIGNED_IN)
        if self.method in {"POST", "PUT", "PATCH", "DELETE"}:
            answers.update(_WRITES)
        for status, description in answers.items():
            if status not in bodies:
                response = OpenApiResponse(ProblemSerializer, description=description)
                bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    response, status, [PROBLEM_MEDIA]
                )
        return bodies
