"""領収済通知書のエラー (errors of batches of paid slips)."""

from collection.errors import CollectionError


class SlipBatchError(CollectionError):
    """A batch or a line of it cannot be corrected, posted or discarded as asked; nothing was written."""

    code = "C0731"
