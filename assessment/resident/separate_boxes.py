"""第三表・第四表の記載から事実へ: separate income, losses, dividends and foreign tax of a return (pure; no database).

A return states gains after their special deductions; the rules want them before. What is read back gives the same
income as the paper, or the paper contradicts itself and that is told as a difference, never mended in silence.
F-PC-006, F-PC-007; 地方税法313条3項, 附則33条の3以下; 所得税法32条4項・33条4項.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# 所得税法33条4項・32条4項; a test holds them to the parameters that the rules use.
GAINS_SPECIAL_YEN = 500_000
FORESTRY_SPECIAL_YEN = 500_000
# 特定一般用医薬品等: the deduction is what exceeds this (法附則4条の5; held to its parameter by the same test).
SELF_MEDICATION_FLOOR_YEN = 12_000

LAND_KINDS = ("short_land", "short_state", "long_land", "long_housing", "long_home")
# Boxes that mean what the fact of the same name means.
_SAME = (
    "occasional_income_yen", "real_estate_land_interest_yen", "retirement_income_yen", "shares_unlisted_gain_yen",
    "listed_dividend_yen", "futures_income_yen", "home_loss_yen", "foreign_tax_limit_yen", "foreign_tax_excess_yen",
    "foreign_tax_credit_city_yen", "foreign_tax_credit_prefecture_yen", "disaster_expense_yen",
)  # fmt: skip

Difference = tuple[str, int, int]
"""(code, what the paper states, what stands against it), in yen."""


@dataclass(frozen=True, slots=True)
class CarriedLoss:
    """What the ledger has of one kind for this year, and what of it may be set off for the last time (yen)."""

    open_yen: int
    lapsing_yen: int = 0


NO_LOSSES: Mapping[str, CarriedLoss] = {}
# kind of the ledger → fact of its balance
CARRIED_FACTS = {
    "net": "loss_carried_forward_yen",
    "home": "home_loss_carried_yen",
    "casualty": "casualty_carried_yen",
    "shares": "shares_loss_carried_yen",
    "futures": "futures_loss_carried_yen",
}


def separate_facts(
    content: Mapping[str, Any], losses: Mapping[str, CarriedLoss] = NO_LOSSES
) -> tuple[dict[str, int], list[Difference]]:
    """Facts beyond the general incomes that a return states, and where it contradicts itself or the ledger."""
    facts = {name: int(content[name]) for name in _SAME if name in content}
    found: list[Difference] = []
    _general_gains(facts, content, found)
    _land(facts, content, found)
    _dividends(facts, content, found)
    _carried(facts, content, losses, found)
    _arising(facts, content, losses, found)
    _casualty(facts, content)
    if forestry := int(content.get("forestry_after_yen", 0)):
        facts["forestry_income_yen"] = forestry + (FORESTRY_SPECIAL_YEN if forestry > 0 else 0)
    foreign = int(content.get("national_foreign_credit_yen", 0))
    if foreign and "foreign_tax_limit_yen" not in content and "foreign_tax_credit_city_yen" not in content:
        found.append(("foreign_statement_missing", foreign, 0))
    return facts, found


def _general_gains(facts: dict[str, int], content: Mapping[str, Any], found: list[Difference]) -> None:
    """総合譲渡 as in ㋙ and ㋚ (after 500,000 yen, which goes to the short gain first): back to before it."""
    short, long = (int(content.get(f"{kind}_gain_after_yen", 0)) for kind in ("short", "long"))
    if min(short, long) < 0 < max(short, long):
        # A loss of one kind would have been set against the gain of the other before either box was written.
        found.append(("gains_not_netted", short, long))
    if short > 0:
        short += GAINS_SPECIAL_YEN
    elif long > 0:
        long += GAINS_SPECIAL_YEN
    facts |= {"short_gain_yen": short, "long_gain_yen": long}


def _land(facts: dict[str, int], content: Mapping[str, Any], found: list[Difference]) -> None:
    """分離譲渡: gain of each kind = income stated + its special deduction; a total that does not fit is told."""
    specials = {kind: int(content.get(f"{kind}_special_yen", 0)) for kind in LAND_KINDS}
    incomes = {kind: int(content.get(f"{kind}_income_yen", 0)) for kind in LAND_KINDS}
    filled = [kind for kind in LAND_KINDS if incomes[kind] or specials[kind]]
    total_special = int(content.get("land_special_total_yen", sum(specials.values())))
    if not any(specials.values()) and total_special and len(filled) == 1:
        specials[filled[0]] = total_special
    if total_special != sum(specials.values()):
        found.append(("land_special_unassigned", total_special, sum(specials.values())))
    gains = {kind: incomes[kind] + specials[kind] for kind in LAND_KINDS}
    stated = content.get("land_gain_total_yen")
    if stated is not None and len(filled) == 1 and not incomes[filled[0]]:
        # The special deduction took the whole gain: only the total says how much there was.
        gains[filled[0]] = min(int(stated), specials[filled[0]])
    if stated is not None and int(stated) != sum(gains.values()):
        found.append(("land_gain_total", int(stated), sum(gains.values())))
    for kind in filled:
        facts[f"{kind}_gain_yen"] = gains[kind]
        facts[f"{kind}_special_yen"] = specials[kind]


def _dividends(facts: dict[str, int], content: Mapping[str, Any], found: list[Difference]) -> None:
    """配当控除の対象 by kind (法附則5条): what is of no other kind is a dividend of the ordinary kind."""
    whole = int(content.get("dividend_income_yen", 0))
    parts = {kind: int(content.get(f"dividend_{kind}_yen", 0)) for kind in ("trust", "currency_trust", "no_credit")}
    if sum(parts.values()) > whole:
        found.append(("dividend_kinds", whole, sum(parts.values())))
    rest = whole
    for kind, yen in parts.items():
        parts[kind] = min(yen, max(rest, 0))
        rest -= parts[kind]
    facts["dividend_ordinary_yen"] = max(rest, 0)
    facts["dividend_trust_yen"] = parts["trust"]
    facts["dividend_currency_trust_yen"] = parts["currency_trust"]


def _carried(
    facts: dict[str, int], content: Mapping[str, Any], losses: Mapping[str, CarriedLoss], found: list[Difference]
) -> None:
    """繰越損失: the balance that the paper states, else the ledger's, else the amount that the paper sets off.

    The one national box of general losses does not tell net losses from casualty losses; it is read as net losses.
    """
    used = used_stated(content)
    for kind, name in CARRIED_FACTS.items():
        ledger = losses.get(kind)
        stated = content.get(name)
        if stated is not None:
            facts[name] = int(stated)
            if ledger is not None and ledger.open_yen != int(stated):
                found.append((f"carried_{kind}", int(stated), ledger.open_yen))
        elif ledger is not None:
            facts[name] = ledger.open_yen
            if used.get(name, 0) > ledger.open_yen:
                found.append((f"carried_{kind}", used[name], ledger.open_yen))
        elif used.get(name):
            facts[name] = used[name]


def _arising(
    facts: dict[str, int], content: Mapping[str, Any], losses: Mapping[str, CarriedLoss], found: list[Difference]
) -> None:
    """上場株式等・先物: a loss of this year is not in its box; what goes on to the next year tells it."""
    listed = int(content.get("shares_listed_gain_yen", 0))
    facts["shares_listed_gain_yen"] = listed
    used = used_stated(content)
    for kind, name in (("shares", "shares_listed_gain_yen"), ("futures", "futures_income_yen")):
        goes_on = content.get(f"{kind}_loss_next_yen")
        if goes_on is None:
            continue
        carried = int(content.get(CARRIED_FACTS[kind], losses.get(kind, CarriedLoss(0)).open_yen))
        taken = used[CARRIED_FACTS[kind]]
        lapsed = max(losses.get(kind, CarriedLoss(0)).lapsing_yen - taken, 0)
        arose = int(goes_on) - max(carried - taken - lapsed, 0)
        is_open = not facts.get(name) and not (kind == "shares" and int(content.get("listed_dividend_yen", 0)))
        if arose > 0 and is_open:
            facts[name] = -arose
        elif arose != 0 and not (facts.get(name, 0) < 0 and arose == -facts[name]):
            found.append((f"{kind}_goes_on", int(goes_on), int(goes_on) - arose))


def used_stated(content: Mapping[str, Any]) -> dict[str, int]:
    """What the paper sets off this year, under the fact whose balance it comes from (yen)."""
    return {
        "loss_carried_forward_yen": int(content.get("carried_used_yen", 0)),
        "shares_loss_carried_yen": int(content.get("shares_loss_used_yen", 0))
        + int(content.get("dividend_loss_used_yen", 0)),
        "futures_loss_carried_yen": int(content.get("futures_loss_used_yen", 0)),
    }


def _casualty(facts: dict[str, int], content: Mapping[str, Any]) -> None:
    """雑損: the loss itself where the second table tells it, else the deduction as an amount of its own."""
    if "casualty_damage_yen" in content:
        net = int(content["casualty_damage_yen"]) - int(content.get("casualty_reimbursed_yen", 0))
        facts["casualty_loss_yen"] = max(net, 0)
    elif deduction := int(content.get("casualty_deduction_yen", 0)):
        facts["other_deduction_yen"] = deduction
