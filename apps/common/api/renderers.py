"""JSON out."""

from rest_framework.renderers import JSONRenderer as RestJSONRenderer


class JSONRenderer(RestJSONRenderer):
    """UTF-8 JSON without a browsable twin: the docs page is the place to try things."""

    charset = None
