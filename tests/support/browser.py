"""A real browser before a real server: for what only a person at a page would notice.

Both are there where Chromium is installed; elsewhere these tests are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, sync_playwright

from apps.common.context import StoreRef

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@contextmanager
def open_page(store: StoreRef, user: Any) -> Iterator[Page]:
    """A page of a browser that is signed in to the store's admin; its base is the store's host.

    store: a `live_store`, because the server works on connections of its own. Whatever a script of
    the page throws fails the test.
    """
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait(30)
    if server.error:
        raise server.error
    base = f"http://{store.domain}:{server.port}"
    # Before the driver, whose event loop forbids this thread to use the database.
    cookie: Any = {**_cookie(store, user), "url": base}
    thrown: list[str] = []
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = browser.new_context(base_url=base, viewport={"width": 1400, "height": 900})
            context.add_cookies([cookie])
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda error: thrown.append(str(error)))
            yield page
            browser.close()
    finally:
        server.terminate()
        server.join(10)
    assert thrown == [], thrown


def _cookie(store: StoreRef, user: Any) -> dict[str, str]:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(user)
    assert SESSION_KEY in client.session
    return {"name": "sessionid", "value": client.cookies["sessionid"].value}
