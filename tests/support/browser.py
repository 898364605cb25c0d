"""A real browser before a real server: for what only a person at a page would notice.

Both are there where Chromium is installed; elsewhere these tests are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, sync_playwright

from apps.common.context import StoreRef
from tests.support.people import PASSWORD

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@dataclass(frozen=True)
class Site:
    """A browser before a store's host."""

    base: str
    browser: Browser
    thrown: list[str]

    def page(self, **cookies: str) -> Page:
        """A page with cookies of its own: another person at another screen."""
        context = self.browser.new_context(
            base_url=self.base, viewport={"width": 1400, "height": 900}
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": self.base} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
        return page

    def sign_in(self, email: str) -> Page:
        """The admin's first page, after somebody of `make_user` typed address and password."""
        page = self.page()
        page.goto("/admin/")
        page.locator("input[name=username]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.get_by_text(email).first.wait_for()
        return page


@contextmanager
def open_page(store: StoreRef, user: Any) -> Iterator[Page]:
    """A page of a browser that is signed in to the store's admin; its base is the store's host.

    store: a `live_store`, because the server works on connections of its own. Whatever a script of
    the page throws fails the test.
    """
    # Before the driver, whose event loop forbids this thread to use the database.
    session = _session(store, user)
    with open_site(store) as site:
        yield site.page(sessionid=session)


@contextmanager
def open_site(store: StoreRef) -> Iterator[Site]:
    """A browser before the store's host, for as many people as sign in.

    store: a `live_store`. While it is open, this thread must not use the database.
    """
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait(30)
    if server.error:
        raise server.error
    base = f"http://{store.domain}:{server.port}"
    thrown: list[str] = []
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield Site(base, browser, thrown)
            browser.close()
    finally:
        server.terminate()
        server.join(10)
    assert thrown == [], thrown


def _session(store: StoreRef, user: Any) -> str:
    client = Client(HTTP_HOST=store.domain)
    client.force_login(user)
    assert SESSION_KEY in client.session
    return str(client.cookies["sessionid"].value)
