"""Paths of the operators' public host."""

from django.urls import include, path

from apps.common.api.schema_view import KeptSchemaView
from config.admin_sites import platform_admin

urlpatterns = [
    # Before the common one, which describes a store's host.
    path("api/schema", KeptSchemaView.as_view(urlconf="config.urls_platform"), name="schema"),
    path("", include("config.urls_common")),
    path("api/v1/", include("apps.tenancy.api.urls")),
    path("api/v1/", include("apps.accounts.api.urls_platform")),
    path("admin/", platform_admin.urls),
]
handler400 = "apps.common.api.problems.bad_request"
handler404 = "apps.common.api.problems.not_found"
handler500 = "apps.common.api.problems.server_error"
