"""帳票の共通部品 (data shared by all papers). Pure dataclasses; what stands here is what is printed, nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class MailKind(StrEnum):
    """海外・返戻区分 (mail_kind of the print data file)."""

    NORMAL = "1"
    OVERSEAS = "2"
    HOLD_BACK = "3"
    HAND_DELIVERY = "4"


@dataclass(frozen=True)
class Addressee:
    """送付先 (addressee): only what may be printed — the disclosure service has already decided.

    `zip7`: 7 digits or "" (overseas). `address_lines`: printed lines, first town, then building. `address_code`:
    digits and hyphens behind the town name for the customer bar code, "" = no bar code. `party_key`: whose mailbox
    it is, never printed.
    """

    person_no: str
    name: str
    zip7: str = ""
    address_lines: tuple[str, ...] = ()
    address_code: str = ""
    honorific: str = "様"
    mail_kind: str = MailKind.NORMAL.value
    is_protected: bool = False
    party_key: str = field(default="", compare=False)


@dataclass(frozen=True)
class Office:
    """発行者・問合せ先 (issuing office): texts that the city sets."""

    municipality_name: str
    mayor_title: str
    mayor_name: str
    section: str
    zip7: str
    address: str
    phone: str
    hours: str = "平日 8時45分～17時15分"
    prefecture_tax_name: str = "道民税"
    ordinance_name: str = "市税条例"
    url: str = ""
    document_prefix: str = ""

    def document_no(self, number: str) -> str:
        """文書番号 (document number of a paper that bears `number`; "" where the city uses none)."""
        return f"{self.document_prefix}第{number}号" if self.document_prefix else ""


@dataclass(frozen=True)
class Appeal:
    """教示 (statement of rights): whom, within what time. 行政不服審査法82条, 行政事件訴訟法46条."""

    review_to: str
    review_months: int = 3
    suit_defendant: str = ""
    suit_representative: str = ""
    suit_months: int = 6


@dataclass(frozen=True)
class AmountLine:
    """内訳の一行 (label and yen; note stands behind)."""

    label: str
    yen: int
    note: str = ""


@dataclass(frozen=True)
class Instalment:
    """期別 (one instalment): number, label, yen, due date."""

    number: int
    label: str
    yen: int
    due_on: date


def yen_text(yen: int) -> str:
    """金額の表記 (1,234 / △1,234)."""
    return f"{yen:,}" if yen >= 0 else f"△{-yen:,}"


def zip_text(zip7: str) -> str:
    """郵便番号の表記 (〒070-8525)."""
    return f"〒{zip7[:3]}-{zip7[3:]}" if len(zip7) == 7 else ""


def appeal_text(appeal: Appeal, *, act: str) -> str:
    """教示の文 (the statement of rights for `act`, e.g. この賦課決定)."""
    return (
        f"１　{act}に不服があるときは、この通知書を受け取った日の翌日から起算して"
        f"{_months(appeal.review_months)}以内に、{appeal.review_to}に対して審査請求をすることができます。\n"
        f"２　{act}の取消しの訴えは、審査請求に対する裁決の送達を受けた日の翌日から起算して"
        f"{_months(appeal.suit_months)}以内に、{appeal.suit_defendant}を被告として（訴訟において"
        f"{appeal.suit_defendant}を代表する者は{appeal.suit_representative}となります。）提起することができます。"
        "ただし、裁決の日から１年を経過したときは、提起することができません。\n"
        "３　取消しの訴えは、審査請求に対する裁決を経た後でなければ提起することができません。ただし、"
        "審査請求があった日から３か月を経過しても裁決がないとき、処分等により生ずる著しい損害を避けるため緊急の必要が"
        "あるとき、その他裁決を経ないことにつき正当な理由があるときは、裁決を経ないで提起することができます。"
    )


def _months(months: int) -> str:
    return f"{str(months).translate(str.maketrans('0123456789', '０１２３４５６７８９'))}か月"
