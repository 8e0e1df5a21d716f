"""点検の誤り: what stops a change of the watch list or a signature, for the person who reads it."""


class AuditError(Exception):
    """Family of the log's own refusals: `code` for the help desk, `message_ja` for the screen."""

    code = "U0100"
    message_ja = "アクセス記録の処理ができません。"

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class PartyUnknown(AuditError):
    """No party bears this 宛名番号."""

    code = "U0101"
    message_ja = "この宛名番号の宛名がありません。番号を確かめて、もう一度入力してください。"


class StaffUnknown(AuditError):
    """No officer bears this staff number."""

    code = "U0102"
    message_ja = "この職員番号の職員がありません。番号を確かめて、もう一度入力してください。"


class AlreadyWatched(AuditError):
    """The party already stands on this list."""

    code = "U0103"
    message_ja = "この宛名はすでに一覧にあります。内容を変えるときは、先に終了してください。"


class NotWatched(AuditError):
    """The entry has ended already."""

    code = "U0104"
    message_ja = "この登録はすでに終了しています。一覧を開き直してください。"


class AlreadySigned(AuditError):
    """A report is signed once."""

    code = "U0105"
    message_ja = "この点検はすでに確認済みです。追加の所見は、次の点検に記録してください。"


class RemarkMissing(AuditError):
    """A signature says what was judged."""

    code = "U0106"
    message_ja = "所見・措置を入力してください（異常がないときは「異常なし」）。"


class ReportChanged(AuditError):
    """What is stored is not what was shown."""

    code = "U0107"
    message_ja = "表示した内容と記録されている内容が違うため、確認できません。画面を開き直してください。"
