"""台帳の誤り: what stops an entry or a step, for the person who reads it."""


class RegisterError(Exception):
    """Family of the registers: `code` for the help desk, `message_ja` for the screen, `field` where one is meant."""

    code = "B0000"
    message_ja = "台帳の処理ができません。"

    def __init__(self, message_ja: str = "", *, field: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        self.field = field
        super().__init__(f"{self.code}: {self.message_ja}")


class ValueRefused(RegisterError):
    """A field's value is missing or cannot be."""

    code = "B0001"
    message_ja = "入力した内容に誤りがあります。"


class Stale(RegisterError):
    """Somebody else changed the row meanwhile."""

    code = "B0002"
    message_ja = "表示した後に他の職員が変更したため、登録しませんでした。開き直して内容を確かめてください。"


class NotYours(RegisterError):
    """The officer's unit does not own the row, or the right is missing."""

    code = "B0003"
    message_ja = "この行を扱えるのは、担当所属の権限のある職員だけです。担当所属に連絡してください。"


class StepRefused(RegisterError):
    """The step is not possible now; `reasons` says everything that is missing."""

    code = "B0004"
    message_ja = "この手続はまだできません。"

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("".join(reasons))


class SamePerson(RegisterError):
    """The step needs another person than an earlier one."""

    code = "B0005"
    message_ja = "この手続は、前の手続をした人とは別の職員が行ってください。"


class ContentRefused(RegisterError):
    """An attachment is not what it says, too large, or of a kind that is not taken."""

    code = "B0006"
    message_ja = "このファイルは添付できません。"


class TicketMissing(RegisterError):
    """A direct operation without an approved work ticket (作業指示書)."""

    code = "B0007"
    message_ja = (
        "承認された作業指示書がないため、操作できません。作業指示書の承認を受けてから、番号を入力してください。"
    )


class AnswerMissing(RegisterError):
    """A release whose change request has not been answered (特定個人情報保護評価の重要な変更か)."""

    code = "B0008"
    message_ja = "変更要求の「重要な変更」の判定が済んでいないため、適用できません。"
