"""払込と徴収取扱費のエラー."""

from collection.errors import CollectionError


class RemittingError(CollectionError):
    """An order or a claim of the fee cannot be made, paid, recalled or received as asked; nothing was written."""

    code = "C0711"
