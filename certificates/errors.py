"""証明のエラー (errors of certificates): code, what happened, what to do. No message holds a name or an address."""


class CertificateError(Exception):
    """Base of the family; `code` is stable."""

    code = "T0000"
    message_ja = "証明の処理を完了できませんでした。"

    def __init__(self, message_ja: str = "") -> None:
        self.message_ja = message_ja or self.message_ja
        super().__init__(f"{self.code}: {self.message_ja}")


class RequestRefused(CertificateError):
    """The request may not be answered with a paper; the findings of the request say why."""

    code = "T0101"
    message_ja = "この請求には交付できません。確認結果を見て、必要な手続きを案内してください。"


class AlreadyIssued(CertificateError):
    """The request was answered before; a further paper is a reissue."""

    code = "T0102"
    message_ja = "この請求の証明書は交付済みです。もう一度必要なときは再発行してください。"


class SubjectMismatch(CertificateError):
    """What was drawn is not about the person of the request (I13); nothing is issued."""

    code = "T0201"
    message_ja = "印字した内容が請求の対象者と一致しないため、発行を止めました。システム担当に連絡してください。"


class IssueIsVoid(CertificateError):
    """A void certificate is neither printed nor reissued."""

    code = "T0301"
    message_ja = "この証明書は取り消されています。新しく請求を受け付けてください。"


class ReasonMissing(CertificateError):
    """An act that needs a reason has none."""

    code = "T0302"
    message_ja = "理由を入力してください。"


class HoldRefused(CertificateError):
    """発行停止 cannot be set or lifted as asked."""

    code = "T0401"
