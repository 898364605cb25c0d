"""Paths of this app, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.group_commerce.api import views

urlpatterns = [
    path("campaigns", views.CampaignListView.as_view()),
    path("campaigns/<uuid:campaign_id>", views.CampaignView.as_view()),
    path("campaigns/<uuid:campaign_id>/join", views.JoinView.as_view()),
]
