"""権限の届出の誤り: what stops a request, a confirmation or a recertification, for the person who reads it."""


class RightsError(Exception):
    """Family of the rights desk: `code` for the help desk, `message_ja` for the screen, `field` of the form."""

    code = "G0000"
    message_ja = "権限の処理ができません。"
    field = ""

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class NotAppointed(RightsError):
    """The officer holds no office that entitles to this act."""

    code = "G0001"
    message_ja = "この処理をする職責（所属長・代理・アクセス権限管理者・税制課の確認者）がありません。"


class SamePerson(RightsError):
    """The same person, as oneself, as deputy, or as the one deputised, stands on the other side already."""

    code = "G0002"
    message_ja = (
        "届出・確認・対象のいずれかと同じ人（代理として行う相手を含む）のため、処理できません。別の人が行ってください。"
    )


class AlreadyClosed(RightsError):
    """The request takes no confirmation any more, or this side has given its own."""

    code = "G0003"
    message_ja = "この届出はすでに処理されています。一覧で結果を確かめてください。"


class ContentChanged(RightsError):
    """What is to be confirmed is not what was shown."""

    code = "G0004"
    message_ja = "表示した内容と登録されている内容が違うため、確認しませんでした。画面を開き直してください。"


class ReasonMissing(RightsError):
    """A refusal or a request without its reason."""

    code = "G0005"
    message_ja = "理由を入力してください。"
    field = "reason"


class NothingToDo(RightsError):
    """The rights are held already, or there is nothing to take away."""

    code = "G0006"
    message_ja = "変更になる権限がありません。"
    field = "permissions"


class NotGrantable(RightsError):
    """The account cannot hold these rights on that day."""

    code = "G0007"
    message_ja = "この職員には付与できません。"
    field = "staff_no"


class AlreadyAsked(RightsError):
    """An open request about the same person, unit and subsystem stands."""

    code = "G0008"
    message_ja = "同じ職員・所属の届出が処理中です。先にその届出を処理してください。"


class PeriodWrong(RightsError):
    """The period is empty or begins in the past."""

    code = "G0009"
    message_ja = "期間が正しくありません。開始日は今日以後、終了日は開始日より後にしてください。"
    field = "from_on"
