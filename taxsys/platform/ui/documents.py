"""Answers that are a document: a PDF to be looked at, a file to be kept. Never left in a cache (個人情報)."""

from django.http import HttpResponse


def pdf_shown(content: bytes, name: str) -> HttpResponse:
    """A PDF that the browser shows; `name` (ASCII, with its ending) is what it is called when it is kept."""
    return _document(content, name, "application/pdf", "inline")


def file_given(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A file that the browser keeps under this name (ASCII, with its ending)."""
    return _document(content, name, media_type, "attachment")


def _document(content: bytes, name: str, media_type: str, way: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
