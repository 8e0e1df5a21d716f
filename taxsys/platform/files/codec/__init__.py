"""Readers and writers: one for fixed-length files, one for delimited files, one for XML trees."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from taxsys.platform.files.codec import delimited, fixed, xmltree

if TYPE_CHECKING:
    from taxsys.platform.files.codec.parsed import Parsed
    from taxsys.platform.files.layouts import Layout

_FORMS: dict[str, Any] = {"delimited": delimited, "fixed": fixed, "xml": xmltree}


def reader(layout: "Layout") -> "Callable[[Layout, bytes], Parsed]":
    """The reader of a layout's form."""
    return _FORMS[layout.form].read


def writer(layout: "Layout") -> Callable[..., bytes]:
    """The writer of a layout's form."""
    return _FORMS[layout.form].write
