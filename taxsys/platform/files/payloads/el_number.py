"""eL番号・eL-QR・ペイジー (numbers of the common payment portal). Each part is text of its own and stays so."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from taxsys.kernel import checkdigits


class NumberProblem(ValueError):
    """Parts that do not make a number; `code` is format or check_digit."""

    def __init__(self, code: str, message_ja: str) -> None:
        super().__init__(message_ja)
        self.code = code
        self.message_ja = message_ja


@dataclass(frozen=True)
class ElNumber:
    """団体コード6・税目料金番号3・案件特定キー20・確認番号6 (profile local-v1; the true structure is not public)."""

    municipality_code: str
    item_code: str
    case_key: str
    confirm_no: str

    def __post_init__(self) -> None:
        """Check shapes; NumberProblem otherwise."""
        shapes = ((self.municipality_code, 6), (self.item_code, 3), (self.case_key, 20), (self.confirm_no, 6))
        if any(not re.fullmatch(f"[0-9]{{{length}}}", part) for part, length in shapes):
            raise NumberProblem(
                "format", "eL番号は団体コード6桁・税目料金番号3桁・案件特定キー20桁・確認番号6桁の数字です。"
            )
        if not checkdigits.municipality_code_valid(self.municipality_code):
            raise NumberProblem("check_digit", "団体コードの検査数字が合いません。")

    @property
    def text(self) -> str:
        """All 35 digits in one."""
        return self.municipality_code + self.item_code + self.case_key + self.confirm_no

    @property
    def groups(self) -> str:
        """The printed form, the long key in fives."""
        key = " ".join(self.case_key[i : i + 5] for i in range(0, 20, 5))
        return f"{self.municipality_code}-{self.item_code}-{key}-{self.confirm_no}"


def parse(text: str) -> ElNumber:
    """Parts of 35 digits. NumberProblem on anything else."""
    if not re.fullmatch(r"[0-9]{35}", text):
        raise NumberProblem("format", "eL番号は35桁の数字です。")
    return ElNumber(text[:6], text[6:9], text[9:29], text[29:])


QrBuilder = Callable[[ElNumber, int], str]


def _local_v1(number: ElNumber, amount_yen: int) -> str:
    return f"TEST;elqr/local-v1;{number.text};{amount_yen}"


# The portal's content rules are not public: a city registers its approved builder here under its version.
QR_BUILDERS: dict[str, QrBuilder] = {"local-v1": _local_v1}
TEST_ONLY = frozenset({"local-v1"})


def qr_payload(number: ElNumber, *, amount_yen: int, version: str = "local-v1", is_production: bool = False) -> str:
    """Text of the QR by a versioned builder. NumberProblem for an unknown version or a test one in production."""
    if version not in QR_BUILDERS:
        raise NumberProblem("format", f"eL-QR の作成方式「{version}」は登録されていません。")
    if is_production and version in TEST_ONLY:
        raise NumberProblem(
            "format", "試験用の eL-QR は本番の納付書に印字できません。承認済みの方式を登録してください。"
        )
    return QR_BUILDERS[version](number, amount_yen)


def qr_read(payload: str) -> tuple[ElNumber, int]:
    """eL number and amount of a local-v1 QR text. NumberProblem on another text."""
    found = re.fullmatch(r"TEST;elqr/local-v1;([0-9]{35});([0-9]{1,11})", payload)
    if not found:
        raise NumberProblem("format", "eL-QR として読めません。")
    return parse(found[1]), int(found[2])


def payeasy_number(user_id: str) -> str:
    """Pay-easy 納付番号 of a portal user id: three letters as 01–26, then eight digits. NumberProblem otherwise."""
    if not re.fullmatch(r"[A-Za-z]{3}[0-9]{8}", user_id):
        raise NumberProblem("format", "利用者IDは英字3文字と数字8桁です。")
    return "".join(f"{ord(char) - ord('a') + 1:02d}" for char in user_id[:3].lower()) + user_id[3:]
