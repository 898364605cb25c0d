"""Error reports to Sentry, or whatever speaks its protocol, where SENTRY_DSN says so (SEC-12).

A report holds the traceback, the store and the ids of the request; never the body, local variables,
cookies, addresses or names. What slips into a message is masked as it is in the logs.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk

from apps.common.context import current
from config.scrub import scrub


def start_error_reports(dsn: str, *, environment: str, **options: Any) -> bool:
    """Report unhandled errors of web, worker and commands; False, and nothing, without a DSN."""
    if not dsn:
        return False
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_headers": {"request": {"mode": "off"}},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "stack_frame_variables": False,
            "frame_context_lines": 0,
            "database_query_data": False,
            "queues": False,
        },
        max_request_body_size="never",
        max_breadcrumbs=20,
        traces_sample_rate=0.0,
        auto_session_tracking=False,
        before_send=scrubbed_report,
        before_breadcrumb=lambda crumb, hint: scrub(crumb),
        **options,
    )
    return True


def scrubbed_report(event: Any, hint: dict[str, Any]) -> Any:
    """The report without what nobody needs to find the fault, and masked."""
    context = current()
    for unneeded in ("user", "server_name", "modules"):
        event.pop(unneeded, None)
    request = event.get("request") or {}
    event["request"] = {name: request[name] for name in ("method", "url") if name in request}
    event.get("extra", {}).pop("sys.argv", None)
    event["tags"] = {
        **(event.get("tags") or {}),
        "store": context.store.slug if context.store else "",
        "request_id": context.request_id,
    }
    return scrub(event)
