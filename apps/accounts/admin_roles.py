"""Who may do what: the catalogue against the roles, as a page of admin (PEER-84, ACC-10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.accounts.roles import (
    PERMISSIONS,
    PLATFORM_ROLES,
    STAFF_ROLES,
    VENDOR_ROLES,
    Role,
    permissions_of,
)
from apps.common.admin import Page, platform_admin, store_admin
from apps.common.context import current_store
from apps.common.vendor_scope import vendor_scope


def show_roles(site: Any, request: HttpRequest) -> HttpResponse:
    """A table: a line for each permission, a column for each role of this host; to a vendor's
    people, like `GET roles`, the roles of vendors.
    """
    here = [role for role in Role if (role in PLATFORM_ROLES) == current_store().is_public]
    own = VENDOR_ROLES if vendor_scope(request) is not None else STAFF_ROLES
    roles = [role for role in here if role in own]
    lines = [
        (code, text, [code in permissions_of(role) for role in roles])
        for code, text in PERMISSIONS.items()
        if any(code in permissions_of(role) for role in roles)
    ]
    context = {
        **site.each_context(request),
        "title": "Who may do what",
        "roles": [role.label for role in roles],
        "lines": lines,
    }
    return TemplateResponse(request, "accounts/roles.html", context)


# The same rule as `GET roles` has; the platform has no team.
_SLUG, _TITLE = "who-may-do-what", "Who may do what"
store_admin.register_page(
    Page("accounts", _SLUG, _TITLE, "team.read", show_roles, for_vendors=True)
)
platform_admin.register_page(Page("accounts", _SLUG, _TITLE, "users.read", show_roles))
