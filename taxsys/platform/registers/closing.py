"""完了の条件: building blocks of steps' checks; each answers "" or what is missing, in office Japanese."""

from collections.abc import Callable, Mapping
from datetime import date

from taxsys.platform.registers.declaration import ANSWERS, Check, Facts, Item

_ANSWERED = {code for code, _ in ANSWERS}


def has_value(name: str, title_ja: str, *, when: Callable[[Facts], bool] | None = None) -> Check:
    """The field is filled (where `when` holds)."""

    def check(facts: Facts) -> str:
        if when is not None and not when(facts):
            return ""
        return "" if facts.values.get(name) not in (None, "", {}) else f"「{title_ja}」を入力してください。"

    return check


def has_paper(code: str, title_ja: str, *, when: Callable[[Facts], bool] | None = None) -> Check:
    """A paper of this role is attached (where `when` holds)."""

    def check(facts: Facts) -> str:
        if when is not None and not when(facts):
            return ""
        return "" if code in facts.papers else f"「{title_ja}」を添付してください。"

    return check


def equal_counts(first: str, second: str, message_ja: str) -> Check:
    """Two counts agree."""

    def check(facts: Facts) -> str:
        return "" if facts.values.get(first) == facts.values.get(second) else message_ja

    return check


def all_answered(name: str, items: Callable[[], tuple[Item, ...]], title_ja: str, *, none_is_no: bool = False) -> Check:
    """Every item of a checklist is answered; with `none_is_no` none of them with 否."""

    def check(facts: Facts) -> str:
        given = facts.values.get(name) or {}
        open_ones = [item.title_ja for item in items() if given.get(item.code) not in _ANSWERED]
        if open_ones:
            rest = f"ほか{len(open_ones) - 3}項目" if len(open_ones) > 3 else ""
            return f"「{title_ja}」に未回答の項目があります（{'、'.join(open_ones[:3])}{rest}）。"
        refused = [item.title_ja for item in items() if given.get(item.code) == "no"]
        if none_is_no and refused:
            return f"「{title_ja}」に「否」の項目があります（{'、'.join(refused[:3])}）。"
        return ""

    return check


def step_done(code: str, title_ja: str) -> Check:
    """An earlier step has been done."""
    return lambda facts: "" if facts.did(code) else f"先に「{title_ja}」を済ませてください。"


def linked_state(name: str, states: tuple[str, ...], message_ja: str) -> Check:
    """The linked row is in one of these states."""
    return lambda facts: "" if facts.linked.get(name, {}).get("_state") in states else message_ja


def day_of(values: Mapping[str, object], name: str) -> date | None:
    """A date field of stored values."""
    found = values.get(name)
    return date.fromisoformat(str(found)) if found else None
