"""収納のエラー (errors of collection): code, Japanese message of what happened and what to do."""


class CollectionError(Exception):
    """Base of the family; `code` is stable, `retryable` says whether the same call may succeed later unchanged.

    `message_ja` names no case and may stand in a job's log; `example_ja` does, for the desk only.
    """

    code = "C0000"
    retryable = False

    def __init__(self, message_ja: str, *, code: str = "", example_ja: str = "") -> None:
        self.code = code or self.code
        self.message_ja = message_ja
        self.example_ja = example_ja
        super().__init__(f"{self.code}: {message_ja}{example_ja}")


class LevyConflictError(CollectionError):
    """A levy meets a live charge of the same key, or a dedupe key was used with other content."""

    code = "C0101"


class ReceiptFileRefusedError(CollectionError):
    """A whole receipt file is refused; nothing of it has been posted."""

    code = "C0201"


class DuplicateReceiptFileError(ReceiptFileRefusedError):
    """The same file, or the same business key in another coat, came again (L0105)."""

    code = "L0105"


class LedgerMismatchError(CollectionError):
    """What is about to leave the house differs from the ledger as it is now."""

    code = "C0301"


class SuspenseError(CollectionError):
    """仮受 cannot be resolved as asked."""

    code = "C0401"


class RefundError(CollectionError):
    """還付・充当 cannot be proposed, paid or answered as asked; nothing was written."""

    code = "C0551"


class DebitError(CollectionError):
    """口座振替 cannot be registered, ended or brought in as asked; nothing was written."""

    code = "C0901"
