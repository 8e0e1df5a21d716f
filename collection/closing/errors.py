"""締めのエラー (errors of closing)."""

from collection.errors import CollectionError


class PeriodClosedError(CollectionError):
    """A posting is dated into a closed period; nothing was written."""

    code = "C0701"


class ClosingError(CollectionError):
    """A period cannot be closed or opened as asked; nothing was written."""

    code = "C0702"
