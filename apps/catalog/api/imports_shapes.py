"""What imports take and answer over HTTP."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from typing import IO, Any

from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from apps.catalog.importing.dialects import NAMES
from apps.catalog.models import ImportRun, RunStatus
from apps.catalog.services.import_products import MATCHES

_CHUNK = 65_536
_IN_MEMORY = 1_048_576
_MOST_COLUMNS = 500


class CsvParser(BaseParser):
    """Spools a `text/csv` body into a file; its length was checked before."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, IO[bytes]]:
        """The body as `{"file": file}`."""
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        while chunk := stream.read(_CHUNK):
            file.write(chunk)
        file.seek(0)
        return {"file": file}


class JsonLinesParser(CsvParser):
    """The same for JSON Lines."""

    media_type = "application/x-ndjson"


@extend_schema_field(OpenApiTypes.STR)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of texts in a query parameter: `{"Article": "sku"}`."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Their headers, and our columns."""
        try:
            found = json.loads(str(data))
        except (ValueError, RecursionError):
            found = None
        texts = isinstance(found, dict) and all(isinstance(one, str) for one in found.values())
        if not isinstance(found, dict) or not texts or len(found) > _MOST_COLUMNS:
            raise serializers.ValidationError('Send a JSON object such as {"Article": "sku"}.')
        return found

    def to_representation(self, value: Any) -> Any:
        """Never answered."""
        return value


class ImportOptionsSerializer(serializers.Serializer[Any]):
    """How to take the file; all optional."""

    dialect = serializers.ChoiceField(choices=NAMES, required=False, default=None)
    encoding = serializers.CharField(max_length=40, required=False, default=None)
    currency = serializers.CharField(max_length=3, required=False, default="")
    vendor = serializers.CharField(max_length=120, required=False, default="")
    on_error = serializers.ChoiceField(choices=["skip", "abort"], required=False, default="skip")
    dry_run = serializers.BooleanField(required=False, default=False)
    match = serializers.ChoiceField(
        choices=MATCHES,
        required=False,
        default="",
        help_text="What products are known by: the handle unless this says otherwise.",
    )
    only = serializers.ChoiceField(
        choices=["prices", "stock", "prices,stock"],
        required=False,
        default="",
        help_text="Take nothing else, and only for SKUs that are there.",
    )
    mapping = MappingField(
        required=False,
        default=dict,
        help_text='Which of our columns theirs are, as JSON: `{"Article": "sku"}`.',
    )
    wait = serializers.BooleanField(
        required=False,
        default=None,
        allow_null=True,
        help_text="Answer when all is done; files of up to 1 MB do so by themselves.",
    )
    upload_id = serializers.UUIDField(
        required=False,
        default=None,
        help_text="A file that was sent with `uploads`, in place of a body.",
    )


class RowErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with one row; `row` is the line as an editor counts it."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


def _count(name: str) -> Any:
    return serializers.IntegerField(source=f"report.{name}", read_only=True, default=0)


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """What became of a file, or how far it is. `written` is false after a dry run.

    waiting: how many of the products wait for the store's staff. error: why a run failed as a
    whole. has_failed_rows: whether `failed.csv` is there.
    """

    products = serializers.SerializerMethodField()
    created = _count("created")
    updated = _count("updated")
    unchanged = _count("unchanged")
    waiting = _count("waiting")
    variants = _count("variants")
    images = _count("images")
    error_count = _count("error_count")
    errors: Any = RowErrorSerializer(
        source="report.errors", many=True, read_only=True, default=list
    )
    written = serializers.BooleanField(source="report.written", read_only=True, default=False)
    seconds = serializers.FloatField(source="report.seconds", read_only=True, default=0.0)
    dialect = serializers.CharField(source="report.dialect", read_only=True, default="")
    has_failed_rows = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "status",
            "file_name",
            "dialect",
            "read_bytes",
            "total_bytes",
            "products",
            "created",
            "updated",
            "unchanged",
            "waiting",
            "variants",
            "images",
            "error_count",
            "errors",
            "error",
            "has_failed_rows",
            "written",
            "seconds",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields

    def get_products(self, run: ImportRun) -> int:
        """How many products of the file are in the catalog now."""
        return sum(run.report.get(name, 0) for name in ("created", "updated", "unchanged"))

    def get_has_failed_rows(self, run: ImportRun) -> bool:
        """Whether refused rows were kept."""
        return bool(run.failed_key)


class ImportFilter(FilterSet):
    """`?status=running`."""

    status = ChoiceFilter(choices=RunStatus.choices)

    class Meta:
        model = ImportRun
        fields = ["status"]
