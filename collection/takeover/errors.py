"""移行のエラー (errors of the take-over)."""

from collection.errors import CollectionError


class TakeoverError(CollectionError):
    """A take-over is refused whole; nothing of it has been posted."""

    code = "C0801"
