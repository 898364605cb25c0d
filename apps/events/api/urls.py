"""Paths of the event log, below /api/v1/."""

from django.urls import path

from apps.events.api.views import EventListView

urlpatterns = [path("events", EventListView.as_view(), name="event-list")]
