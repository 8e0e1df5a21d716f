"""収納のタブ for the templates of the desk."""

from typing import Any

from django import template

from collection.tabs import DeskTabs
from collection.tabs import desk_tabs as tabs_of

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_tabs(context: dict[str, Any], here: str) -> DeskTabs:
    """Groups and pages for the officer of the request."""
    return tabs_of(context["request"].user, here)
