"""Search over HTTP: what shoppers ask (CAT-13, PEER-71, PEER-72)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.catalog.api.answers import kept_answer, public_answer, respond
from apps.catalog.api.public import PublicReadView
from apps.catalog.api.search_queries import as_parameters, search_request
from apps.catalog.api.search_shapes import SearchAnswerSerializer, SuggestionsSerializer
from apps.catalog.search.log import note_search
from apps.catalog.search.provider import search_provider
from apps.catalog.search.types import FARTHEST, ORDERINGS, SearchAnswer, SearchRequest
from apps.catalog.search.words import MOST_CHARACTERS, normal_query
from apps.catalog.storefront_reads import Passing

_SUGGESTED = 10
_NOTHING = b'{"count":0,'
_PARAMETERS = [
    OpenApiParameter("q", description="As typed. Blank: everything, with facets"),
    OpenApiParameter("category", many=True, description="Slug; categories below it are included"),
    OpenApiParameter("vendor", many=True, description="Slug"),
    OpenApiParameter("brand", many=True),
    OpenApiParameter("tag", many=True),
    OpenApiParameter("price_min", int, description="In the subunit of the currency, included"),
    OpenApiParameter("price_max", int, description="In the subunit of the currency, included"),
    OpenApiParameter("currency", description="Of prices; the store's own if not given"),
    OpenApiParameter("in_stock", bool),
    OpenApiParameter(
        "option",
        OpenApiTypes.OBJECT,
        style="deepObject",
        description="Sent as `option.<name>=<value>`, such as `option.size=M`, once or more. "
        "Several values of one property: any of them; several properties: all of them.",
    ),
    OpenApiParameter(
        "attr",
        OpenApiTypes.OBJECT,
        style="deepObject",
        description="Sent as `attr.<code>=<value>`, like options.",
    ),
    OpenApiParameter("ordering", enum=ORDERINGS),
    OpenApiParameter("facets", bool, description="false: without them, for further pages"),
    OpenApiParameter("limit", int),
    OpenApiParameter("offset", int, description=f"At most {FARTHEST}"),
]


@extend_schema(tags=["catalog"])
class SearchView(PublicReadView):
    """`search`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A page of what was found, with facets. The first page of a query is counted."""
        asked = search_request(request.GET)
        parameters = as_parameters(asked)
        kept = kept_answer(request, parameters, lambda: _render(request, asked, parameters))
        if asked.text and not asked.offset:
            # Told by what is kept: the 304 to a client that has it already holds nothing.
            found = not kept.body.startswith(_NOTHING)
            note_search(normal_query(asked.text), found=found)
        return respond(request, kept)

    @extend_schema(operation_id="search", parameters=_PARAMETERS, responses=SearchAnswerSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """Products that match, best first, and what they can be narrowed by."""
        return self.public_get(request._request)


@extend_schema(tags=["catalog"])
class SuggestView(PublicReadView):
    """`search/suggest`."""

    def public_get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Names that begin with what is typed."""
        text = request.GET.get("q", "")[:MOST_CHARACTERS]

        def render() -> bytes:
            found = search_provider().suggest(text, _SUGGESTED)
            return _json({"results": [one.as_dict() for one in found]})

        return public_answer(request, {"q": text}, render)

    @extend_schema(
        operation_id="search_suggest",
        parameters=[OpenApiParameter("q", description="What was typed so far")],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Categories, brands and products whose names begin with what is typed."""
        return self.public_get(request._request)


def _render(
    request: HttpRequest, asked: SearchRequest, parameters: Mapping[str, object]
) -> Passing:
    found = search_provider().search(asked)
    following = asked.offset + asked.limit
    ahead = following if following < min(found.count, FARTHEST) else None
    behind = max(asked.offset - asked.limit, 0) if asked.offset else None
    body = b'{"count":%d,"next":%s,"previous":%s,"results":[%s],%s' % (
        found.count,
        _json(_link(request, parameters, ahead)),
        _json(_link(request, parameters, behind)),
        found.results,
        _json(_about(found))[1:],
    )
    return Passing(body, found.until)


def _about(found: SearchAnswer) -> dict[str, object]:
    return {
        "facets": [asdict(facet) for facet in found.facets],
        "facets_exact": found.facets_exact,
        "did_you_mean": found.did_you_mean,
        "corrected": found.corrected,
    }


def _link(request: HttpRequest, parameters: Mapping[str, object], offset: int | None) -> str | None:
    if offset is None:
        return None
    query = {name: value for name, value in parameters.items() if value not in (None, "")}
    query["offset"] = offset
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query, doseq=True)}"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
