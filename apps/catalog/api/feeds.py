"""What machines read of the shop window: product feed, sitemap and JSON-LD (PEER-62, PEER-75)."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.catalog.api.answers import public_answer
from apps.catalog.api.public import PublicReadView
from apps.catalog.exporting.google import google_feed
from apps.catalog.exporting.json_ld import json_ld
from apps.catalog.exporting.sitemap import sitemap_index, sitemap_part
from apps.catalog.storefront_reads import Passing, product_body
from apps.common.context import current_store

_FEED_SECONDS = 3600
_XML = {(200, "application/xml"): OpenApiTypes.BINARY}


def storefront(request: HttpRequest) -> str:
    """Where the store's pages are: as its settings say, else the host that was asked."""
    told = str(current_store().settings.get("storefront_url", ""))
    return (told or request.build_absolute_uri("/")).rstrip("/")


class _FeedView(PublicReadView):
    """Answers in one form, whatever is accepted."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one way to answer."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type


@extend_schema(tags=["catalog"])
class GoogleFeedView(_FeedView):
    """`feeds/google.xml`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> StreamingHttpResponse:
        """What is on show, for Google Merchant (PEER-62)."""
        answer = StreamingHttpResponse(
            google_feed(storefront(request)), content_type="application/xml; charset=utf-8"
        )
        answer.headers["Cache-Control"] = f"public, max-age={_FEED_SECONDS}"
        return answer

    @extend_schema(operation_id="feeds_google", responses=_XML)
    def get(self, request: Request) -> StreamingHttpResponse:
        """What is for sale, as Google Merchant reads it."""
        return self.public_get(request._request)


@extend_schema(tags=["catalog"])
class SitemapIndexView(_FeedView):
    """`feeds/sitemap.xml`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The index of the sitemap (PEER-75)."""
        base = request.build_absolute_uri(request.path).rpartition("/")[0]
        return _as_xml(public_answer(request, {}, lambda: sitemap_index(base)))

    @extend_schema(operation_id="feeds_sitemap", responses=_XML)
    def get(self, request: Request) -> HttpResponseBase:
        """The parts of the sitemap of what is on show."""
        return self.public_get(request._request)


@extend_schema(tags=["catalog"])
class SitemapPartView(_FeedView):
    """`feeds/sitemap-{part}.xml`."""

    def public_get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Addresses of the storefront."""
        origin, part = storefront(request), int(kwargs["part"])
        parameters = {"origin": origin}
        return _as_xml(public_answer(request, parameters, lambda: sitemap_part(origin, part)))

    @extend_schema(operation_id="feeds_sitemap_part", responses=_XML)
    def get(self, request: Request, part: int) -> HttpResponseBase:
        """Part 0 is of categories, collections and vendors, the others of products."""
        return self.public_get(request._request, part=part)


@extend_schema(tags=["catalog"])
class JsonLdView(_FeedView):
    """`products/{id or slug}/json-ld`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A product for search engines (PEER-75)."""
        origin = storefront(request)

        def render() -> Passing:
            shown = product_body(kwargs["key"])
            return Passing(json_ld(json.loads(shown.body), origin), shown.until)

        answer = public_answer(request, {"origin": origin}, render)
        if answer.status_code == 200:
            answer.headers["Content-Type"] = "application/ld+json"
        return answer

    @extend_schema(
        operation_id="products_json_ld",
        responses={(200, "application/ld+json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """A product in the words of schema.org, for the storefront's page to carry."""
        return self.public_get(request._request, key=key)


def _as_xml(answer: HttpResponse) -> HttpResponse:
    if answer.status_code == 200:
        answer.headers["Content-Type"] = "application/xml; charset=utf-8"
    return answer
