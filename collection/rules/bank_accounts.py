"""口座の検査 (checks of a bank account as it is typed): what every bank refuses is told before it is sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxsys.kernel import kana

NUMBER_DIGITS = 7
HOLDER_WIDTH = 30
_BANK_DIGITS, _BRANCH_DIGITS = 4, 3
_SYMBOL_DIGITS = 5


class AccountFault(ValueError):
    """The account cannot be right; `field` is the name of the input, `message_ja` what to do."""

    def __init__(self, field: str, message_ja: str) -> None:
        self.field = field
        self.message_ja = message_ja
        super().__init__(f"{field}: {message_ja}")


@dataclass(frozen=True, slots=True)
class DebitAccount:
    """引落口座: codes as digits, number of seven digits, holder in the characters of the banks."""

    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    holder_kana: str


def account_checked(account: DebitAccount) -> DebitAccount:
    """口座 in the form of the request file: number filled with zeros, holder in half-width capitals.

    Raises AccountFault for codes of another length, no digits, a number of zeros, a holder with characters that no
    bank takes or longer than 30.
    """
    for field, text, digits in (
        ("bank_code", account.bank_code, _BANK_DIGITS),
        ("branch_code", account.branch_code, _BRANCH_DIGITS),
    ):
        if not (text.isascii() and text.isdigit() and len(text) == digits):
            raise AccountFault(field, f"半角数字{digits}桁で入力してください。")
    number = account.account_number
    if not (number.isascii() and number.isdigit() and 1 <= len(number) <= NUMBER_DIGITS):
        raise AccountFault("account_number", f"口座番号は半角数字{NUMBER_DIGITS}桁までです。通帳を確かめてください。")
    if not number.strip("0"):
        raise AccountFault("account_number", "口座番号が0だけです。通帳を確かめてください。")
    try:
        holder = kana.zengin(account.holder_kana.strip())
    except kana.NotAllowedCharacter as error:
        odd = "、".join(error.characters)
        raise AccountFault("holder_kana", f"銀行で使えない文字があります（{odd}）。カナで入力してください。") from error
    if not holder or len(holder) > HOLDER_WIDTH:
        raise AccountFault("holder_kana", f"口座名義はカナ{HOLDER_WIDTH}字（濁点も1字）までで入力してください。")
    return replace(account, account_number=number.zfill(NUMBER_DIGITS), holder_kana=holder)


def post_bank_account(symbol: str, number: str) -> tuple[str, str]:
    """ゆうちょ銀行の通帳の記号・番号 as branch code and account number of a request file (自動払込み).

    The symbol of a savings book is 1ABC0: its middle three digits stand in the place of the branch. The number ends in
    1; what is before it is the account number, filled to seven digits. Raises AccountFault.
    """
    if not (symbol.isascii() and symbol.isdigit() and len(symbol) == _SYMBOL_DIGITS and symbol[0] == "1"):
        raise AccountFault("symbol", "通帳の記号は1で始まる5桁です。ゆうちょ銀行の通帳を確かめてください。")
    if symbol[-1] != "0":
        raise AccountFault("symbol", "通帳の記号の5桁目は0です。入力を確かめてください。")
    if not (number.isascii() and number.isdigit() and 2 <= len(number) <= NUMBER_DIGITS + 1):
        raise AccountFault("number", f"通帳の番号は{NUMBER_DIGITS + 1}桁までの数字です。")
    if number[-1] != "1":
        raise AccountFault("number", "通帳の番号の末尾は1です。入力を確かめてください。")
    return symbol[1:4], number[:-1].zfill(NUMBER_DIGITS)


def is_same_holder(holder_kana: str, party_kana: str) -> bool:
    """口座名義人と納税者が同じか: compared in bank characters without spaces; False where the name has no bank form."""
    try:
        return kana.account_name_key(holder_kana) == kana.account_name_key(party_kana)
    except kana.NotAllowedCharacter:
        return False
