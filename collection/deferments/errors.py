"""Refusals of 猶予・免除・期限の延長."""

from collection.errors import CollectionError


class DefermentRefused(CollectionError):
    """A deferment, a relief of interest or an extension cannot be entered, granted or ended as asked."""

    code = "C0741"

    def __init__(self, message_ja: str, *, field: str = "") -> None:
        super().__init__(message_ja)
        self.field = field
