"""What the OpenAPI document says of signing in. Imported when the app is ready."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class StoreTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the token."""

    target_class = "apps.accounts.api.authentication.StoreTokenAuthentication"
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """The token, or nothing at all where the operation is public."""
        required = getattr(auto_schema.view, "required_permissions", {})
        rule = required.get(auto_schema.method)
        return [{self.name: []}, {}] if rule == "public" else {self.name: []}
