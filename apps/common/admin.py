"""Two admin sites: a store's own, and the operators'. Apps register with the one they belong to."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite
from unfold.views import ChangeList

from apps.common.actors import actor_names
from apps.common.admin_filters import change_filters, filters_context
from apps.common.context import current_store
from apps.common.vendor_scope import guarded, open_pages, vendor_scope

if TYPE_CHECKING:
    _AdminBase = DjangoModelAdmin[Any]
else:
    _AdminBase = object

_DAILY_ORDER = (
    "orders",
    "catalog",
    "inventory",
    "shipping",
    "payments",
    "group_commerce",
    "accounts",
    "notifications",
    "events",
)


class ReadOnly:
    """Mixed into an admin or inline of rows that services write: seen, and changed by actions."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing here is typed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Traces stay."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened has happened."""
        return False


class NamedActors(_AdminBase):
    """Mixed into an admin whose rows, or inlines' rows, keep an actor: shown as a name.

    One query per page, for all rows together. A column reads `name_of_actor(row)`.
    """

    actor_field = "actor"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, its rows named."""
        page: ChangeList = super().get_changelist_instance(request)
        self._name(request, page.result_list)
        return page

    def get_inline_formsets(
        self, request: HttpRequest, formsets: Any, inline_instances: Any, obj: Any = None
    ) -> Any:
        """The inlines' rows, named."""
        self._name(request, [row for formset in formsets for row in formset.get_queryset()])
        return super().get_inline_formsets(request, formsets, inline_instances, obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row of a page, named."""
        row = super().get_object(request, object_id, from_field)
        self._name(request, [row])
        return row

    def _name(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """Note the names on the rows. Vendors learn those of their own people alone."""
        named = [row for row in rows if hasattr(row, self.actor_field)]
        actors = {getattr(row, self.actor_field) for row in named}
        names = actor_names(actors, vendor_id=vendor_scope(request))
        for row in named:
            row.actor_name = names[getattr(row, self.actor_field)]


def name_of_actor(row: Any) -> str:
    """What `NamedActors` noted on the row."""
    return str(getattr(row, "actor_name", "–"))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of admin that shows no model, linked among the models of an app.

    slug: its path below the site, and the name of its URL. permission: the catalogue's code that
    it takes; without it the link is not there and the page is refused. for_vendors: a vendor's
    people may open it too; the view then shows them what is theirs.
    """

    app_label: str
    slug: str
    title: str
    permission: str
    view: Callable[[Any, HttpRequest], HttpResponse]
    for_vendors: bool = False


def site_header(request: HttpRequest) -> str:
    """The store's name, or the platform's."""
    return current_store().name


def styles(request: HttpRequest) -> str:
    """What aligns the forms."""
    return static("common/admin.css")


def site_subheader(request: HttpRequest) -> str:
    """The host name that the page belongs to."""
    return request.get_host().partition(":")[0]


class Door(Protocol):
    """How staff get in to admin. The sites know no users, so accounts registers itself here."""

    def login(self, site: Any, request: HttpRequest) -> HttpResponse:
        """The page that asks for the password."""

    def password_change(self, site: Any, request: HttpRequest) -> HttpResponse:
        """The page on which one changes one's own password."""

    def detour(self, site: Any, request: HttpRequest) -> HttpResponse | None:
        """Where somebody who is signed in must go before anything else, if anywhere."""

    def urls(self, site: Any) -> list[Any]:
        """The pages that belong to signing in."""


class StoreAdminSite(UnfoldAdminSite):
    """A store's host: products, stock, orders, payments, people."""

    site_title = "FusionCommerce store"
    index_title = "Store"
    door: ClassVar[Door]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Signing in, as accounts has it."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse(f"{self.name}:index"))
        return self.door.login(self, request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Changing one's own password, as accounts has it."""
        return self.door.password_change(self, request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps in the order of a day's work; what is not named here comes last."""
        apps: list[Any] = super().get_app_list(request, app_label)
        last = len(_DAILY_ORDER)
        places = {label: place for place, label in enumerate(_DAILY_ORDER)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], last))

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[DjangoModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Every admin stands behind the guard that keeps vendors to their own rows."""
        super().register(model_or_iterable, guarded(admin_class or ModelAdmin), **options)

    def register_page(self, page: Page) -> None:
        """Add a page that shows no model. Before the URLs are first asked for."""
        self._pages.append(page)

    @functools.cached_property
    def _pages(self) -> list[Page]:
        return []

    @functools.cached_property
    def _open_to_vendors(self) -> frozenset[str]:
        own = {page.slug for page in self._pages if page.for_vendors}
        return frozenset({*own, *open_pages(self)})

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of this site, for those who are signed in; to vendors only what is declared."""

        @functools.wraps(view)
        def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            match = request.resolver_match
            if vendor_scope(request) is not None and (
                match is None or match.url_name not in self._open_to_vendors
            ):
                raise PermissionDenied
            detour = None if view == self.logout else self.door.detour(self, request)
            if detour is not None:
                return detour
            # Times are read and typed as the store's clock shows them: a template renders late.
            with timezone.override(self.time_zone()):
                response = view(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response

        return super().admin_view(scoped, cacheable)

    def time_zone(self) -> ZoneInfo:
        """Whose clock the pages show."""
        return ZoneInfo(current_store().timezone)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page shows; the history of a row names people, so vendors have no link."""
        context: dict[str, Any] = super().each_context(request)
        shown = vendor_scope(request) is None and context.get("show_history")
        return {**context, "show_history": shown, **filters_context(request)}

    def get_urls(self) -> list[Any]:
        """With the pages that show no model."""
        own = [
            path(f"{page.slug}/", self.admin_view(self._opened(page)), name=page.slug)
            for page in self._pages
        ]
        filters = path("saved-filters/", self.admin_view(change_filters), name="saved-filters")
        return [*own, filters, *self.door.urls(self), *super().get_urls()]

    def _opened(self, page: Page) -> Callable[[HttpRequest], HttpResponse]:
        def show(request: HttpRequest) -> HttpResponse:
            if not _holds(request, page.permission):
                raise PermissionDenied
            return page.view(self, request)

        return show

    def _build_app_dict(self, request: HttpRequest, label: str | None = None) -> Any:
        apps: Any = super()._build_app_dict(request, label)
        for page in self._pages:
            app = apps.get(page.app_label)
            if app and _holds(request, page.permission):
                app["models"].append(self._link(page))
        return apps

    def _link(self, page: Page) -> dict[str, Any]:
        return {
            "model": Model,
            "name": page.title,
            "object_name": page.slug,
            "perms": {"view": True, "add": False, "change": False, "delete": False},
            "admin_url": reverse(f"{self.name}:{page.slug}"),
            "add_url": None,
            "view_only": True,
        }

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff of this store, and its vendors' people."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))


def _holds(request: HttpRequest, code: str) -> bool:
    return code in getattr(request.user, "permissions", ())


class PlatformAdminSite(StoreAdminSite):
    """The public host: stores, domains, operators."""

    site_title = "FusionCommerce platform"
    index_title = "Platform"

    def time_zone(self) -> ZoneInfo:
        """The operators look at many stores: the server's clock."""
        return ZoneInfo(settings.TIME_ZONE)


store_admin = StoreAdminSite(name="store_admin")
platform_admin = PlatformAdminSite(name="platform_admin")
# As the columns of our own write it.
store_admin.empty_value_display = platform_admin.empty_value_display = "–"
