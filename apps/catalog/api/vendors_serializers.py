"""Shapes of vendors, applications and master entries on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.api.inputs import ExternalIdField, ValuesField
from apps.catalog.api.outputs import PriceSerializer, ProductSerializer, VendorSerializer
from apps.catalog.models import MasterProduct, Vendor, VendorDocument, VendorStatus
from apps.catalog.vendor_reads import checklist_of, picture_of
from apps.common.api.fields import CleanCharField

ITEM_KINDS = [("field", "Field"), ("paper", "Paper")]
ITEM_STATES = [
    ("missing", "Missing"),
    ("pending", "To be checked"),
    ("refused", "Refused"),
    ("done", "Done"),
]
DECISIONS = [("accepted", "Accepted"), ("refused", "Refused")]
_COUNTRY = "Send a two-letter ISO 3166 code such as DE."


class WebAddressField(serializers.URLField):
    """An address of the web; other schemes would be links that do something else."""

    default_error_messages = {"scheme": "Send an address that begins with https:// or http://."}

    def to_internal_value(self, data: Any) -> str:
        """The address. Raises ValidationError."""
        text = str(super().to_internal_value(data))
        if text and not text.lower().startswith(("https://", "http://")):
            self.fail("scheme")
        return text


class _ProfileSerializer(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=255, required=False, allow_blank=True)
    website = WebAddressField(max_length=500, required=False, allow_blank=True)
    phone = CleanCharField(max_length=40, required=False, allow_blank=True)
    country = serializers.RegexField(
        r"\A[A-Za-z]{2}\Z",
        required=False,
        allow_blank=True,
        error_messages={"invalid": _COUNTRY},
    )


class OwnProfileSerializer(_ProfileSerializer):
    """What a vendor's owner changes without asking. `logo`: the id of an uploaded picture, as
    completing its upload answered it; null for none.
    """

    logo = serializers.UUIDField(required=False, allow_null=True)


class ApplicationInputSerializer(_ProfileSerializer):
    """Who wants to sell here."""

    name = CleanCharField(max_length=120)
    legal_name = CleanCharField(max_length=200, required=False, allow_blank=True)
    tax_id = CleanCharField(max_length=60, required=False, allow_blank=True)


class VendorChangeSerializer(OwnProfileSerializer, ApplicationInputSerializer):
    """What staff change of a vendor."""

    slug = serializers.SlugField(max_length=120, required=False)
    external_id = ExternalIdField()
    custom_fields = ValuesField(required=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """What the vendor is told."""

    reason = CleanCharField(max_length=500)


class PaperInputSerializer(serializers.Serializer[Any]):
    """A paper as a PDF file. `kind` is one of those on the checklist."""

    kind = serializers.SlugField(max_length=40)
    file = serializers.FileField()


class PaperDecisionSerializer(serializers.Serializer[Any]):
    """What staff think of a paper; a refused one needs a note."""

    status = serializers.ChoiceField(choices=DECISIONS)
    note = CleanCharField(max_length=500, required=False, allow_blank=True)


class ChecklistSerializer(serializers.Serializer[Any]):
    """What the store asks of an application, and how far it is."""

    kind = serializers.ChoiceField(choices=ITEM_KINDS)
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=ITEM_STATES)


class PaperSerializer(serializers.ModelSerializer[VendorDocument]):
    """A paper that was handed in."""

    file_name = serializers.CharField(source="file.file_name")

    class Meta:
        model = VendorDocument
        fields = ["id", "kind", "status", "note", "file_name", "created_at"]
        read_only_fields = fields


class LogoSerializer(serializers.Serializer[Any]):
    """A vendor's picture. `sizes`: width in pixels → address of a WebP copy."""

    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sizes = serializers.DictField(child=serializers.CharField())


class VendorRecordSerializer(serializers.ModelSerializer[Vendor]):
    """All of a vendor: for staff, the vendor's own people, and who has applied. `email` and
    `website` may be empty.
    """

    email = serializers.CharField()
    website = serializers.CharField()
    logo = serializers.SerializerMethodField()
    checklist = serializers.SerializerMethodField()
    custom_fields = serializers.DictField()
    papers = PaperSerializer(many=True)
    status = serializers.ChoiceField(choices=VendorStatus.choices)

    class Meta:
        model = Vendor
        fields = [
            "id",
            "name",
            "slug",
            "email",
            "status",
            "status_reason",
            "description",
            "website",
            "phone",
            "country",
            "legal_name",
            "tax_id",
            "external_id",
            "custom_fields",
            "logo",
            "checklist",
            "papers",
            "created_at",
            "approved_at",
        ]
        read_only_fields = fields

    @extend_schema_field(LogoSerializer(allow_null=True))
    def get_logo(self, vendor: Vendor) -> dict[str, Any] | None:
        """Where it is fetched from."""
        return picture_of(vendor.logo)

    @extend_schema_field(ChecklistSerializer(many=True))
    def get_checklist(self, vendor: Vendor) -> list[dict[str, str]]:
        """What is asked for, in order."""
        return [
            {"kind": item.kind, "name": item.name, "state": item.state}
            for item in checklist_of(vendor)
        ]


class VendorProfileSerializer(VendorSerializer):
    """A vendor's page. `product_count` counts what its list shows."""

    description = serializers.CharField(help_text="HTML of an allow-list")
    logo = LogoSerializer(allow_null=True)
    website = serializers.CharField()
    country = serializers.CharField()
    custom_fields = serializers.DictField()
    product_count = serializers.IntegerField()


class OfferSerializer(serializers.Serializer[Any]):
    """What a vendor asks for one variant. `matches_variant_id` is the page's own such variant.

    `inventory` is null where stock is not counted.
    """

    product_id = serializers.UUIDField()
    product_slug = serializers.CharField()
    product_name = serializers.CharField()
    vendor = VendorSerializer()
    variant_id = serializers.UUIDField()
    matches_variant_id = serializers.UUIDField()
    sku = serializers.CharField()
    barcode = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    prices = PriceSerializer(many=True)
    inventory = serializers.IntegerField(allow_null=True)
    is_winner = serializers.BooleanField()


class ProductPageSerializer(ProductSerializer):
    """A product's page. `offers` are there where other vendors sell it too."""

    offers = OfferSerializer(many=True, required=False)


class MasterPageSerializer(serializers.Serializer[Any]):
    """One thing and everybody who sells it. `winner` is the product that lists show."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    winner = ProductSerializer()
    offers = OfferSerializer(many=True)


class MasterInputSerializer(serializers.Serializer[Any]):
    """An entry, and the ids of what it is made of."""

    name = CleanCharField(max_length=255)
    slug = serializers.SlugField(max_length=255, required=False)
    products = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)


class MasterChangeSerializer(serializers.Serializer[Any]):
    """How it is called."""

    name = CleanCharField(max_length=255, required=False)
    slug = serializers.SlugField(max_length=255, required=False)


class MasterProductsSerializer(serializers.Serializer[Any]):
    """Ids of products."""

    products = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)


class MasterMemberSerializer(serializers.Serializer[Any]):
    """A product of an entry."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    vendor = VendorSerializer()


class MasterSerializer(serializers.ModelSerializer[MasterProduct]):
    """An entry as staff see it, with what is not on show too."""

    products = serializers.SerializerMethodField()

    class Meta:
        model = MasterProduct
        fields = ["id", "name", "slug", "barcode", "products"]
        read_only_fields = fields

    @extend_schema_field(MasterMemberSerializer(many=True))
    def get_products(self, master: MasterProduct) -> list[dict[str, Any]]:
        """Those that are not deleted, the oldest first."""
        rows = [row for row in master.products.all() if row.deleted_at is None]
        rows.sort(key=lambda row: (row.created_at, row.pk))
        return list(MasterMemberSerializer(rows, many=True).data)
