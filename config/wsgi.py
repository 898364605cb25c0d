"""WSGI entry point for the API and admin."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from apps.tenancy.postgresql.probe import refuse_wrong_pooling
from config.checks import refuse_unsafe_production
from config.processes import settle
from config.rebalance import rebalancing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A request waits for the database some fifty times, each a fraction of a millisecond. With the
# default of 5 ms, a thread that comes back would stand in line for the interpreter far longer.
sys.setswitchinterval(0.0005)

application = rebalancing(get_wsgi_application())
refuse_unsafe_production()
refuse_wrong_pooling()
settle()
