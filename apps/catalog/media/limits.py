"""How much of what is taken, and which copies are made (DIG-06, PEER-79)."""

from __future__ import annotations

from typing import Final

from apps.common.attachments import PDF, TEXT, ZIP

LARGEST_IMAGE: Final = 10_485_760
LARGEST_ATTACHMENT: Final = 10_485_760
MOST_IMAGES: Final = 250
MOST_FILES: Final = 100
# In pixels; a picture gets those that are smaller than itself.
WIDTHS: Final = (160, 320, 640, 1280)
IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
FILE_TYPES: Final = (PDF, ZIP, TEXT)
# What is sent to be imported and kept no longer: `POST imports?upload_id=`.
IMPORT_TYPES: Final = ("text/csv", "application/x-ndjson")
# How long the link to a private file is good, in seconds.
LINK_SECONDS: Final = 300
