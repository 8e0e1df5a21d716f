"""期間制限の定め (limits.toml) for the rules, the choices of a case, and the sentence of a refusal."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from assessment.amendments.rules.time_limits import MONTHS_A_YEAR, Limit, LimitGround, LimitRule, LimitTerms, limit_of
from assessment.resident.collection_split import ORDINARY, due_dates
from taxsys.kernel import wareki

_FILE = Path(__file__).with_name("limits.toml")


def _rule(code: str, raw: Mapping[str, Any]) -> LimitRule:
    months = raw.get("years", 0) * MONTHS_A_YEAR + raw.get("months", 0)
    return LimitRule(code, raw["title"], raw["law"], months, raw.get("from", "statutory") == "event")


@cache
def limit_terms() -> LimitTerms:
    """期間制限 as written in limits.toml."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return LimitTerms(
        _rule("increase", raw["increase"]),
        _rule("decrease", raw["decrease"]),
        {code: _rule(code, one) for code, one in raw["exception"].items()},
    )


def exception_choices() -> list[tuple[str, str]]:
    """The exceptions a case may rest on, "" = none."""
    return [("", "なし(17条の5の3年・5年)")] + [
        (code, f"{rule.title_ja}({rule.law})") for code, rule in limit_terms().exceptions.items()
    ]


def statutory_due_on(tax_year: int) -> date:
    """法定納期限 of a tax year: the due date of the first instalment serves for all (地方税法11条の4第1項)."""
    return min(due_dates(ORDINARY, tax_year))


def limit_for(tax_year: int, *, is_increase: bool, ground: LimitGround) -> Limit:
    """The limit of a tax year in one direction."""
    return limit_of(statutory_due_on(tax_year), is_increase=is_increase, terms=limit_terms(), ground=ground)


def limit_refusal_ja(tax_year: int, limit: Limit, *, is_increase: bool, day: date) -> str:
    """Why the tax of the year may not be changed on the day, "" where it may: what, until when, which article."""
    if limit.allows(day):
        return ""
    word = "増額" if is_increase else "減額"
    return (
        f"{wareki.format_year(tax_year)}年度分を{word}できる期限({wareki.format_long(limit.last_on)}、{limit.rule.law})を"
        f"過ぎています。法定納期限は{wareki.format_long(statutory_due_on(tax_year))}です。"
        "期間制限の特例に当たるときは、事案に特例とその日付を登録してください。"
    )
