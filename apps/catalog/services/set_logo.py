"""The store's own logo: the logo of the store as a vendor (DIG-10)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.catalog.models import MediaFile, Vendor
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.update_vendor import update_vendor
from apps.common.errors import ValidationFailed


def set_logo(*, file_id: UUID | None) -> Vendor:
    """Show this picture as the store's logo, or none; effective with the commit (DIG-10).

    Locks the file, then the vendor. A picture that is replaced is cleaned away after a week, like
    all that nothing shows. Raises ValidationFailed (`upload_id`) for what is no public picture of
    the store's own.
    """
    with transaction.atomic():
        vendor_id = default_vendor_id()
        if file_id is not None:
            own = MediaFile.objects.filter(
                pk=file_id, vendor_id=vendor_id, product=None, is_public=True, width__isnull=False
            )
            # Held until it is shown, so that it is not cleaned away as unused in this moment.
            if own.select_for_update(no_key=True).first() is None:
                detail = "The store has no such picture of its own."
                raise ValidationFailed.of("upload_id", "unknown", detail)
        return update_vendor(vendor_id=vendor_id, changes={"logo_id": file_id})
