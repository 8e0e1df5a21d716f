"""Refusals of the intermediary, in the words of the desk."""


class IntermediaryError(Exception):
    """Base: `code` for the help desk, `message_ja` for the person (what happened, why, what to do)."""

    code = "M0001"
    is_retryable = False

    def __init__(self, message_ja: str) -> None:
        super().__init__(f"{self.code} {message_ja}")
        self.message_ja = message_ja


class CopyNotReady(IntermediaryError):
    """A batch of copies is not in the state that the step needs."""

    code = "M0101"


class HoldRefused(IntermediaryError):
    """A hold on automatic replies cannot be lifted as asked."""

    code = "M0201"


class RegisterRefused(IntermediaryError):
    """A register row cannot be changed as asked."""

    code = "M0301"


class TransferRefused(IntermediaryError):
    """A request for tax data, or its execution, cannot go on as asked."""

    code = "M0401"


class InquiryRefused(IntermediaryError):
    """An inquiry may not be made, or its answer cannot be taken."""

    code = "M0501"
