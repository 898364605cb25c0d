"""The door of shipping."""

from __future__ import annotations

from apps.shipping.carriers.base import LabelRequest
from apps.shipping.carriers.label_pdf import draw_label


def warm_up() -> None:
    """Draw a label for nobody: fonts and drawing code are then loaded before the first real one."""
    nobody = LabelRequest(order_number="-", to_address={"name": "-", "line1": "-", "city": "-"})
    draw_label(nobody, tracking_number="FC0", service="-", store="-")


__all__ = ["warm_up"]
