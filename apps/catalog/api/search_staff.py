"""Search over HTTP: what the store's staff teach it, and what shoppers looked for (PEER-71)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.catalog.api.search_shapes import (
    SearchLogFilter,
    SearchLogSerializer,
    SearchRuleFilter,
    SearchRuleSerializer,
    SynonymSerializer,
)
from apps.catalog.api.versions import SEARCH_RULE, SYNONYM
from apps.catalog.api.writes import refuse_vendors
from apps.catalog.errors import SearchRuleNotFound, SynonymNotFound
from apps.catalog.models import SearchLog, SearchRule, Synonym
from apps.catalog.services.save_search_rule import (
    create_search_rule,
    delete_search_rule,
    update_search_rule,
)
from apps.catalog.services.save_synonym import create_synonym, delete_synonym, update_synonym
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission

_LIST = {"GET": "products.write", "POST": "products.write"}
_ONE = {"GET": "products.write", "PATCH": "products.write", "DELETE": "products.write"}


class SearchLogView(ListAPIView[SearchLog]):
    """`search/log`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "analytics.read"}
    serializer_class = SearchLogSerializer
    filterset_class = SearchLogFilter
    queryset = SearchLog.objects.all()
    ordering_fields = ("day", "searches", "without_result", "query")
    ordering = ("-day", "-searches", "pk")

    @extend_schema(
        tags=["catalog"],
        operation_id="search_log_list",
        responses=SearchLogSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was looked for, by day; a minute old at most. No word of who did."""
        refuse_vendors(request.user, "what is looked for")
        return self.list(request)


class SynonymsView(ListAPIView[Synonym]):
    """`search/synonyms`."""

    permission_classes = [HasPermission]
    required_permissions = _LIST
    serializer_class = SynonymSerializer
    queryset = Synonym.objects.all()
    ordering_fields = ("created_at", "updated_at")
    ordering = ("words", "pk")

    @extend_schema(
        tags=["catalog"],
        operation_id="search_synonyms_list",
        responses=SynonymSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The store's synonyms."""
        refuse_vendors(request.user, "search")
        return self.list(request)

    @extend_schema(
        tags=["catalog"],
        operation_id="search_synonyms_create",
        request=SynonymSerializer,
        responses={201: SynonymSerializer},
    )
    @idempotent(atomic=True)
    @SYNONYM.tagged
    def post(self, request: Request) -> Response:
        """Say which words mean the same; in force at once."""
        refuse_vendors(request.user, "search")
        made = create_synonym(**valid_data(SynonymSerializer(data=request.data)))
        return Response(SynonymSerializer(made).data, status=201)


class SynonymView(APIView):
    """`search/synonyms/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = _ONE

    @extend_schema(
        tags=["catalog"], operation_id="search_synonyms_retrieve", responses=SynonymSerializer
    )
    @SYNONYM.tagged
    def get(self, request: Request, synonym_id: UUID) -> Response:
        """One of the synonyms."""
        refuse_vendors(request.user, "search")
        row = Synonym.objects.filter(pk=synonym_id).first()
        if row is None:
            raise SynonymNotFound
        return Response(SynonymSerializer(row).data)

    @extend_schema(
        tags=["catalog"],
        operation_id="search_synonyms_update",
        request=SynonymSerializer(partial=True),
        responses=SynonymSerializer,
    )
    @idempotent(atomic=True)
    @SYNONYM.guarded
    def patch(self, request: Request, synonym_id: UUID) -> Response:
        """Change one."""
        refuse_vendors(request.user, "search")
        changes = valid_data(SynonymSerializer(data=request.data, partial=True))
        row = update_synonym(synonym_id=synonym_id, changes=changes)
        return Response(SynonymSerializer(row).data)

    @extend_schema(tags=["catalog"], operation_id="search_synonyms_delete", responses={204: None})
    @SYNONYM.guarded
    def delete(self, request: Request, synonym_id: UUID) -> Response:
        """Forget one."""
        refuse_vendors(request.user, "search")
        delete_synonym(synonym_id=synonym_id)
        return Response(status=204)


class SearchRulesView(ListAPIView[SearchRule]):
    """`search/rules`."""

    permission_classes = [HasPermission]
    required_permissions = _LIST
    serializer_class = SearchRuleSerializer
    filterset_class = SearchRuleFilter
    queryset = SearchRule.objects.all()
    ordering_fields = ("query", "position", "created_at")
    ordering = ("query", "position", "pk")

    @extend_schema(
        tags=["catalog"],
        operation_id="search_rules_list",
        responses=SearchRuleSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pins and boosts."""
        refuse_vendors(request.user, "search")
        return self.list(request)

    @extend_schema(
        tags=["catalog"],
        operation_id="search_rules_create",
        request=SearchRuleSerializer,
        responses={201: SearchRuleSerializer},
    )
    @idempotent(atomic=True)
    @SEARCH_RULE.tagged
    def post(self, request: Request) -> Response:
        """Pin a product to a query, or weigh what has a token; in force at once."""
        refuse_vendors(request.user, "search")
        made = create_search_rule(**valid_data(SearchRuleSerializer(data=request.data)))
        return Response(SearchRuleSerializer(made).data, status=201)


class SearchRuleView(APIView):
    """`search/rules/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = _ONE

    @extend_schema(
        tags=["catalog"], operation_id="search_rules_retrieve", responses=SearchRuleSerializer
    )
    @SEARCH_RULE.tagged
    def get(self, request: Request, rule_id: UUID) -> Response:
        """A rule."""
        refuse_vendors(request.user, "search")
        row = SearchRule.objects.filter(pk=rule_id).first()
        if row is None:
            raise SearchRuleNotFound
        return Response(SearchRuleSerializer(row).data)

    @extend_schema(
        tags=["catalog"],
        operation_id="search_rules_update",
        request=SearchRuleSerializer(partial=True),
        responses=SearchRuleSerializer,
    )
    @idempotent(atomic=True)
    @SEARCH_RULE.guarded
    def patch(self, request: Request, rule_id: UUID) -> Response:
        """Change a rule."""
        refuse_vendors(request.user, "search")
        changes = valid_data(SearchRuleSerializer(data=request.data, partial=True))
        row = update_search_rule(rule_id=rule_id, changes=changes)
        return Response(SearchRuleSerializer(row).data)

    @extend_schema(tags=["catalog"], operation_id="search_rules_delete", responses={204: None})
    @SEARCH_RULE.guarded
    def delete(self, request: Request, rule_id: UUID) -> Response:
        """Forget a rule."""
        refuse_vendors(request.user, "search")
        delete_search_rule(rule_id=rule_id)
        return Response(status=204)
