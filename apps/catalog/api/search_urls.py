"""Paths of search, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api import search_staff, search_views

urlpatterns: list[URLPattern] = [
    path("search", search_views.SearchView.as_view()),
    path("search/suggest", search_views.SuggestView.as_view()),
    path("search/log", search_staff.SearchLogView.as_view()),
    path("search/synonyms", search_staff.SynonymsView.as_view()),
    path("search/synonyms/<uuid:synonym_id>", search_staff.SynonymView.as_view()),
    path("search/rules", search_staff.SearchRulesView.as_view()),
    path("search/rules/<uuid:rule_id>", search_staff.SearchRuleView.as_view()),
]
