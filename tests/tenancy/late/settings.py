"""The project's settings with the later release's app."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as _INSTALLED
from config.settings import TENANT_APPS as _TENANT

TENANT_APPS = [*_TENANT, "tests.tenancy.late"]
INSTALLED_APPS = [*_INSTALLED, "tests.tenancy.late"]
