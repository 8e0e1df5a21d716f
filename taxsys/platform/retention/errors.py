"""保管・消去の誤り, for the person who reads them."""


class RetentionError(Exception):
    """Family of the retention desk: `code` for the help desk, `message_ja` for the screen."""

    code = "K0000"
    message_ja = "保管・消去の処理ができません。"
    field = ""

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class ListNotOpen(RetentionError):
    """The list was proposed, approved, carried out or dropped meanwhile."""

    code = "K0001"
    message_ja = "この消去候補は、すでに起案されたか、終わっています。一覧で状態を確かめてください。"


class NothingPlanned(RetentionError):
    """Every item of the list is stopped."""

    code = "K0002"
    message_ja = "消去できるものがありません。すべて停止されています。"


class SamePerson(RetentionError):
    """The proposer may be neither of the two who approve."""

    code = "K0003"
    message_ja = "消去を起案した人は決裁できません。起案・一次決裁・二次決裁は、それぞれ別の人が行ってください。"


class ErasureRefused(RetentionError):
    """The database refused: not due, stopped, not approved, or changed since."""

    code = "K0004"
    message_ja = "データベースが消去を拒みました。"


class StopStands(RetentionError):
    """The same stop order stands already."""

    code = "K0005"
    message_ja = "同じ理由の処分停止がすでに登録されています。"
    field = "reason"


class StopClosed(RetentionError):
    """The stop order was lifted."""

    code = "K0006"
    message_ja = "この処分停止は、すでに解除されています。"


class CopyClosed(RetentionError):
    """The copy was destroyed already."""

    code = "K0007"
    message_ja = "この控えは、すでに廃棄されています。"
