"""検索語の読取り: what an officer types into the one box, read as name, kana, birth, address or number of a party."""

import re
from dataclasses import dataclass, replace
from datetime import date

from taxsys.kernel import wareki
from taxsys.kernel.checkdigits import corporate_no_valid

KANA_ONLY = re.compile(r"^[ぁ-ゖァ-ヺーｦ-ﾟ・\s　゛゜]+$")
PART_MARK = "*"
_PERSON_NO = re.compile(r"^[A-Z0-9]{15}$", re.ASCII)
_BIRTH_YEAR = re.compile(r"^(?:(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])(\d{1,2}|元)年?|((?:18|19|20)\d\d)年)生?$")
_ADDRESS_SIGN = re.compile(r"\d|丁目|番地|[一二三四五六七八九十](?:条|区|線|番)|(?:町|村|通|丘|台)$")
_ERAS = {mark: era for era in wareki.ERAS for mark in (era.name, era.short, era.letter)}


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyQuery:
    """Search conditions, all optional and joined by AND. `text` is kana, a name or a person number, as recognised.

    `is_part` looks for the kana inside the name too (「緩い検索」 of an empty result): it reads every party,
    some tens of milliseconds for a city, instead of every insert paying for an index of all parts.
    """

    text: str = ""
    birth_on: date | None = None
    birth_year: int | None = None
    sex: str = ""
    kind: str = ""
    address: str = ""
    corporate_no: str = ""
    is_part: bool = False


def read_number(text: str) -> PartyQuery | None:
    """宛名番号 (15 characters) or 法人番号 (13 digits with a right check digit), else None."""
    flat = re.sub(r"[\s\-]", "", text).upper()
    if _PERSON_NO.match(flat):
        return PartyQuery(text=flat)
    if re.fullmatch(r"\d{13}", flat, re.ASCII) and corporate_no_valid(flat):
        return PartyQuery(corporate_no=flat)
    return None


def read_name(text: str) -> PartyQuery | None:
    """Name or kana, a birth date or year, or both, in any order (`アサヒカワ S55.5.5`); None for anything else.

    A `*` in front of kana looks inside the name as well.
    """
    words, query = _dates_out(text)
    is_part = bool(words) and words[0].startswith(PART_MARK)
    name = " ".join(words).lstrip(PART_MARK).strip()
    if any(char.isdigit() for char in name) or (not name and query == PartyQuery()):
        return None
    if is_part and not KANA_ONLY.match(name):
        return None
    return replace(query, text=name, is_part=is_part)


def read_address(text: str) -> PartyQuery | None:
    """An address, alone or behind a name and a birth date (`佐藤 四条通8`); None where no address can be meant."""
    words, query = _dates_out(text)
    if not words or words[0].startswith(PART_MARK):
        return None
    at = next((at for at, word in enumerate(words) if _ADDRESS_SIGN.search(word)), None)
    if at is None:
        at = len(words) - 1
    name, address = " ".join(words[:at]), "".join(words[at:])
    if len(address) < 2 or KANA_ONLY.match(address) or re.fullmatch(r"[\d\-.]+", address):
        return None
    if name and not KANA_ONLY.match(name) and any(char.isdigit() for char in name):
        return None
    return replace(query, text=name, address=address)


def _dates_out(text: str) -> tuple[list[str], PartyQuery]:
    """The words that are no dates, and a query with the birth date or year that the others gave."""
    words: list[str] = []
    query = PartyQuery()
    for word in text.split():
        birth_on, birth_year = _birth(word)
        if birth_on or birth_year:
            query = replace(query, birth_on=birth_on or query.birth_on, birth_year=birth_year or query.birth_year)
        else:
            words.append(word)
    return words, query


def _birth(word: str) -> tuple[date | None, int | None]:
    if not any(char.isdigit() or char == "元" for char in word):
        return None, None
    if found := _BIRTH_YEAR.match(word.upper()):
        if found[3]:
            return None, int(found[3])
        year = 1 if found[2] == "元" else int(found[2])
        return None, _ERAS[found[1]].first.year + year - 1
    try:
        return wareki.parse(word), None
    except wareki.WarekiError:
        return None, None
