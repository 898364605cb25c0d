"""The store's public keys, for whoever checks its tokens (ACC-04)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.tokens.keyring import read_ring
from apps.common.api.permissions import HasPermission

# A new key is published long before it signs, so that a kept document is never too old.
_CACHED = "public, max-age=300"


class KeySerializer(serializers.Serializer[Any]):
    """One key, as RFC 7517 and RFC 8037 write it."""

    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField(help_text="The public key in base64url.")
    use = serializers.CharField()
    alg = serializers.CharField()
    kid = serializers.CharField()


class KeySetSerializer(serializers.Serializer[Any]):
    """The keys that verify tokens of this host's store now."""

    keys = KeySerializer(many=True)


class KeySetView(APIView):
    """GET `/.well-known/jwks.json`."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}

    @extend_schema(operation_id="jwks", tags=["auth"], responses=KeySetSerializer)
    def get(self, request: Request) -> Response:
        """The store's own keys: the one that signs, the next one, and those that still verify."""
        ring = read_ring()
        keys = [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": found.encoded,
                "use": "sig",
                "alg": "EdDSA",
                "kid": kid,
            }
            for kid in ring.verifiers
            if (found := ring.verifier(kid)) is not None
        ]
        return Response({"keys": keys}, headers={"Cache-Control": _CACHED, "Vary": "Host"})
