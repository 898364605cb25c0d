"""The composition root: settings, URLs and entry points. Nothing imports it but the outside."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
