"""決裁の誤り: what stops a proposal or a decision, for the person who reads it."""


class ApprovalError(Exception):
    """Family of the approvals: `code` for the help desk, `message_ja` for the screen."""

    code = "H0000"
    message_ja = "決裁の処理ができません。"

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class OwnProposal(ApprovalError):
    """The proposer may not decide."""

    code = "H0001"
    message_ja = "自分の起案は決裁できません。権限のある別の職員が決裁してください。"


class AlreadyDecided(ApprovalError):
    """The proposal is no longer open."""

    code = "H0002"
    message_ja = "この案件はすでに処理されています。一覧で結果を確かめてください。"


class ReasonMissing(ApprovalError):
    """Send-back and rejection need a reason."""

    code = "H0003"
    message_ja = "差戻し・否認の理由を入力してください。"


class ContentChanged(ApprovalError):
    """What is to be executed is not what was seen."""

    code = "H0004"
    message_ja = "表示した内容と登録されている内容が違うため、決裁しませんでした。画面を開き直してください。"


class NotEntitled(ApprovalError):
    """The officer does not hold the permission of this kind."""

    code = "H0005"
    message_ja = "この種類の案件を決裁する権限がありません。"


class AlreadyProposed(ApprovalError):
    """An open proposal of this kind for this subject exists."""

    code = "H0006"
    message_ja = "同じ対象の案件がすでに決裁待ちです。先にその案件を処理してください。"


class ProposalVoid(ContentChanged):
    """What was proposed no longer stands: it changed, or its proposer has moved, left or lost the right."""

    code = "H0007"
    message_ja = "起案の後に状況が変わったため、この案件は失効しました。起案し直してください。"


class DeputyRefused(ApprovalError):
    """A deputy cannot be named as asked."""

    code = "H0008"
    message_ja = "代決者を指定できません。"

    def __init__(self, message_ja: str = "", *, field: str = "") -> None:
        self.field = field
        super().__init__(message_ja)
