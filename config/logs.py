"""Structured JSON logs; every line carries the store and the request, and no person (OPS-01)."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog

from apps.common.context import current
from config.scrub import scrub_field

# Made by this process, or checked when it came in.
_OURS = frozenset(
    {"service", "store", "request_id", "correlation_id", "level", "logger", "timestamp", "method"}
)


def add_context(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Add store, request and correlation ids to a line."""
    context = current()
    event["service"] = "fusioncommerce"
    if context.store is not None:
        event["store"] = context.store.slug
    if context.request_id:
        event["request_id"] = context.request_id
    if context.correlation_id:
        event["correlation_id"] = context.correlation_id
    return event


def scrub_line(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Take personal data and secrets out of a line, its traceback included (SEC-12, P12)."""
    return {
        name: value if name in _OURS else scrub_field(name, value) for name, value in event.items()
    }


def logging_config(level: str) -> None:
    """Send structlog's and the standard library's lines through one JSON formatter."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        scrub_line,
                        structlog.processors.JSONRenderer(default=str),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
            },
        }
    )
