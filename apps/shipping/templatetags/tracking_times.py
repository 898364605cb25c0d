"""Times on the tracking page."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.dateformat import format as format_date
from django.utils.dateparse import parse_datetime

register = template.Library()


@register.filter
def readable(value: str | datetime) -> str:
    """`20 November 2026, 14:05 UTC` for a time of the API."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return f"{format_date(moment.astimezone(UTC), 'j F Y, H:i')} UTC" if moment else ""
