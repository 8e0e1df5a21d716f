"""滞納のエラー (errors of delinquency): code, what happened, what to do. No message holds a name or an address."""


class DelinquencyError(Exception):
    """Base of the family; `code` is stable."""

    code = "D0000"
    message_ja = "滞納の処理を完了できませんでした。"

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class ReminderRefused(DelinquencyError):
    """督促 cannot be extracted, issued, withdrawn or returned as asked."""

    code = "D0101"


class ContactRefused(DelinquencyError):
    """折衝記録 cannot be kept as typed."""

    code = "D0201"
