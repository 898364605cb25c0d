"""What the OpenAPI document says of signing in. Imported when the app is ready."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class StoreTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the token."""

    target_class = "apps.accounts.api.authentication.StoreTokenAuthentication"
    name = ["bearerAuth", "cookieAuth"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """An HTTP bearer scheme, and the cookie of a browser that asked for one."""
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "__Host-fusion_access",
                "description": "Set by a sign-in with `X-Auth-Mode: cookie`. Whatever is not GET, "
                "HEAD or OPTIONS must send the session's `X-CSRF-Token`, else 403 `csrf_failed`.",
            },
        ]

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """Either form of the token, or nothing at all where the operation is public."""
        required = getattr(auto_schema.view, "required_permissions", {})
        rule = required.get(auto_schema.method)
        either: list[dict[str, list[Any]]] = [{name: []} for name in self.name]
        return [*either, {}] if rule == "public" else either


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes API keys."""

    target_class = "apps.accounts.api.key_authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A secret key (`sk_…`) calls by its scopes, a publishable one (`pk_…`) "
            "as a guest from its origins. Either may stand in `Authorization: Bearer` instead.",
        }
