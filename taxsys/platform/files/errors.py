"""Refusals and findings of files, in the house codes, worded for the person who reads them."""

from dataclasses import dataclass
from typing import Literal

E_MISSING = "E0001"
E_CHARACTER = "E0002"
E_LENGTH = "E0003"
E_RELATION = "E0004"
L_RECORD_LENGTH = "L0101"
L_HEADER = "L0102"
L_COUNT = "L0103"
L_AMOUNT = "L0104"
L_DUPLICATE = "L0105"
L_CODE = "L0106"
L_CHECK_DIGIT = "L0107"
L_NOT_MATCHED = "L0108"
L_EDITION = "L0109"
L_HASH = "L0110"
L_PICTURE = "L0111"
L_ERASED = "L0112"

TITLES = {
    E_MISSING: "必須項目がありません",
    E_CHARACTER: "使えない文字があります",
    E_LENGTH: "桁数が違います",
    E_RELATION: "項目どうしが合いません",
    L_RECORD_LENGTH: "レコード長が違います",
    L_HEADER: "先頭の記録が違います",
    L_COUNT: "件数が合いません",
    L_AMOUNT: "金額の合計が合いません",
    L_DUPLICATE: "受領済のファイルです",
    L_CODE: "登録のないコードです",
    L_CHECK_DIGIT: "検査数字が合いません",
    L_NOT_MATCHED: "該当者が見つかりません",
    L_EDITION: "版が特定できません",
    L_HASH: "ハッシュ値が合いません",
    L_ERASED: "内容は消去済みです",
}


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One finding about one line: an error sets it aside, a warning lets it through. Never holds the raw value."""

    line_no: int
    code: str
    message_ja: str
    field: str = ""
    field_ja: str = ""
    severity: Literal["error", "warning"] = "error"
    raw_hash: str = ""


class FilesError(Exception):
    """Family of the files app: house code, Japanese message (what · why · what to do), line and field where known."""

    retryable = False

    def __init__(self, code: str, message_ja: str, *, line_no: int | None = None, field: str = "") -> None:
        super().__init__(f"{code} {message_ja}")
        self.code = code
        self.message_ja = message_ja
        self.line_no = line_no
        self.field = field


class FileRefused(FilesError):
    """The whole file is refused; nothing of it may be applied."""


class DuplicateFile(FileRefused):
    """The same bytes, or the same content in another encoding, were received before (L0105)."""

    def __init__(self, message_ja: str, *, received_id: str) -> None:
        super().__init__(L_DUPLICATE, message_ja)
        self.received_id = received_id


class RecordNotWritable(FilesError):
    """A value handed to a writer does not fit its field; nothing was written."""


class UnknownLayout(FilesError):
    """No table for this format and edition (L0109)."""


class OutgoingConflict(FilesError):
    """The business key was issued before with other content."""


class StoredFileDamaged(FilesError):
    """The stored bytes no longer give the recorded hash (L0110), or their key is missing."""


class StateNotAllowed(FilesError):
    """A file cannot go from its state to the one asked for."""
