"""JSON out; and the kinds of file that a caller can ask for."""

from __future__ import annotations

from rest_framework.renderers import BaseRenderer
from rest_framework.renderers import JSONRenderer as RestJSONRenderer


class JSONRenderer(RestJSONRenderer):
    """UTF-8 JSON without a browsable twin: the docs page is the place to try things."""

    charset = None


class PdfRenderer(BaseRenderer):
    """Takes `application/pdf` for an answer; the view draws it and needs nothing rendered."""

    media_type = "application/pdf"
    format = "pdf"


class ZipRenderer(BaseRenderer):
    """Takes `application/zip` for an answer; the view sends the file itself."""

    media_type = "application/zip"
    format = "zip"
