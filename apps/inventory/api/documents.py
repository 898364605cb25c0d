"""What the calls of transfers and purchase orders share (PEER-27)."""

from __future__ import annotations

from typing import Any

from rest_framework.views import APIView

from apps.common.api.permissions import HasPermission
from apps.inventory.documents import LineInput


class StepView(APIView):
    """A step of a document, for who may move stock."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}


def with_lines(data: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments without whose it is; lines, where it has some, as services take them."""
    fields = {name: value for name, value in data.items() if name != "vendor"}
    if "lines" in data:
        fields["lines"] = [LineInput(**line) for line in data["lines"]]
    return fields


def units_of(data: dict[str, Any]) -> dict[str, int]:
    """SKU → units, of lines that name each SKU once."""
    return {line["sku"]: line["quantity"] for line in data["lines"]}
