"""Paths that every host answers."""

from django.urls import path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from apps.accounts.api.jwks import KeySetView
from apps.common.api.fixed import fixed_bytes
from apps.common.api.health import health, ready
from apps.common.api.metrics import metrics
from apps.common.api.schema_view import KeptSchemaView

urlpatterns = [
    path("health", health),
    path("health/ready", ready),
    path("api/health", ready),
    path("metrics", metrics),
    path(".well-known/jwks.json", KeySetView.as_view()),
    path("api/fixed", fixed_bytes),
    path("api/schema", KeptSchemaView.as_view(), name="schema"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
