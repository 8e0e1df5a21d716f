"""緊急時の権限の誤り."""


class EmergencyError(Exception):
    """Family: `code` for the help desk, `message_ja` for the screen."""

    code = "E0000"
    message_ja = "緊急時の権限を使えません。"

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class NotAllowed(EmergencyError):
    """No right to begin, or to review."""

    code = "E0001"
    message_ja = "緊急時の権限を使う、または点検する権限がありません。"


class ReasonMissing(EmergencyError):
    """No reason, or no remark."""

    code = "E0002"
    message_ja = "理由・結果を10文字以上で入力してください。"


class NobodyToTell(EmergencyError):
    """There is no second person who could be told and could review."""

    code = "E0003"
    message_ja = "知らせる相手（点検する権限のある、別の職員）がいないため、使えません。情報政策課に連絡してください。"


class Unreviewed(EmergencyError):
    """An earlier use of the same person waits for its review."""

    code = "E0004"
    message_ja = "前回の使用の点検が済んでいないため、使えません。点検者に点検を求めてください。"


class SamePerson(EmergencyError):
    """The one who used the rights reviews nothing, under no number."""

    code = "E0005"
    message_ja = "使用した本人は点検できません。別の人が点検してください。"


class NotOver(EmergencyError):
    """It is still running, or has been reviewed."""

    code = "E0006"
    message_ja = "使用中か、すでに点検されています。終わってから点検してください。"
