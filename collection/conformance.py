"""Published cases of 延滞金・還付加算金・納期限・期間制限, run against the rules of collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from collection.params import interest_law, interest_rounding, rate_table
from collection.rules.due_dates import rolled
from collection.rules.interest_rates import RateMissingError, SegmentRounding
from collection.rules.late_interest import Excluded, InterestClaim, Payment, Relief, late_interest
from collection.rules.limitation import (
    Act,
    assessment_last_day,
    assessment_years,
    limitation_last_day,
    postponed_by_demand,
    reminder_clock,
)
from collection.rules.refund_interest import Leaving, RefundCause, RefundDates, count_from, refund_interest
from collection.rules.segments import Segment
from taxsys.kernel.conformance import CaseOutcome, Difference, NotSupportedError, compare

Case = Mapping[str, Any]


def run_case(case: Case, file_meta: Case) -> CaseOutcome:
    """Run one case of `other_taxes.json` form; categories of other desks come back as `not_supported` by name."""
    category = str(case.get("category", ""))
    name = str(case.get("id", "?"))
    runner = _RUNNERS.get(category)
    if runner is None:
        return CaseOutcome.not_supported(name, category or "category")
    try:
        actual = runner(case["inputs"])
    except RateMissingError as error:
        return CaseOutcome("failed", name, (Difference(category, "rate", str(error)),))
    except NotSupportedError as error:
        return CaseOutcome.not_supported(name, f"{category}: {error}")
    return CaseOutcome.of(name, compare(case["expected"], actual))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _shown(segment: Segment) -> dict[str, Any]:
    return {
        "from": segment.from_on.isoformat(),
        "to": segment.until_on.isoformat(),
        "days": segment.days,
        "rate_pct": segment.rate_percent,
        "base": segment.base_yen,
        "yen": segment.yen,
    }


def _excluded(inputs: Case) -> list[Excluded]:
    return [
        Excluded(date.fromisoformat(x["from"]), date.fromisoformat(x["to"])) for x in inputs.get("excluded_periods", ())
    ]


def _late_interest(inputs: Case) -> dict[str, Any]:
    claim = InterestClaim(
        principal_yen=inputs["principal"],
        due_on=date.fromisoformat(inputs["due_date"]),
        payments=[Payment(date.fromisoformat(p["date"]), p["amount"]) for p in inputs["payments"]],
        reliefs=[
            Relief(date.fromisoformat(r["from"]), date.fromisoformat(r["to"]), r["effect"])
            for r in inputs.get("relief", ())
        ],
        excluded=_excluded(inputs),
        extended_due_on=_day(inputs.get("extended_due_date")),
        low_rate_until=_day(inputs.get("low_rate_until")),
    )
    law = interest_law()
    policies: tuple[SegmentRounding, ...] = ("per_year_segment", "none")
    by_year, once = (late_interest(claim, law, policy=policy).interest_yen for policy in policies)
    result = late_interest(claim, law, policy="per_rate_segment")
    return {
        "segments": [_shown(s) for s in result.segments],
        "raw_total": result.raw_yen,
        "entaikin": result.interest_yen,
        "balance": result.balance_yen,
        "alternatives": {"split_at_each_new_year": by_year, "no_intermediate_truncation": once},
        "policy_sensitive": {by_year, once} != {result.interest_yen},
    }


def _refund_cause(rule: str) -> RefundCause:
    for cause in RefundCause:
        if rule.startswith(cause.value):
            return cause
    if rule.startswith("中間納付"):
        return RefundCause.INTERIM_PAYMENT
    raise NotSupportedError(f"rule {rule!r}")


def _refund_interest(inputs: Case) -> dict[str, Any]:
    cause = _refund_cause(inputs["rule"])
    dates = RefundDates(
        paid_on=_day(inputs.get("paid") or inputs.get("interim_paid")),
        due_on=_day(inputs.get("interim_due") or inputs.get("due_date")),
        request_on=_day(inputs.get("request")),
        correction_on=_day(inputs.get("correction")),
        tax_office_notice_on=_day(inputs.get("nta_notice")),
    )
    excluded, decided_on = _excluded(inputs), date.fromisoformat(inputs["decided"])
    policies: tuple[SegmentRounding, ...] = ("per_rate_segment", "per_year_segment", "none")
    found = []
    for policy in policies:
        found.append(
            refund_interest(
                leavings=[Leaving(decided_on, inputs["overpaid"])],
                first_day=count_from(cause, dates),
                rates=rate_table("refund_interest"),
                rounding=interest_rounding().with_policy(policy),
                excluded=excluded,
            )
        )
    result = found[0]
    return {
        "count_from": result.count_from.isoformat(),
        "count_to": result.count_until.isoformat(),
        "segments": [_shown(s) for s in result.segments],
        "raw_total": result.raw_yen,
        "kasankin": result.interest_yen,
        "alternatives": {
            "split_at_each_new_year": found[1].interest_yen,
            "no_intermediate_truncation": found[2].interest_yen,
        },
        "policy_sensitive": len({one.interest_yen for one in found}) > 1,
    }


def _due_date(inputs: Case) -> dict[str, Any]:
    return {"due_date": rolled(date.fromisoformat(inputs["nominal_date"])).isoformat()}


def _limits(inputs: Case) -> dict[str, Any]:
    out: dict[str, Any] = {}
    due_on = _day(inputs.get("statutory_due"))
    if "act" in inputs and due_on:
        act = str(inputs["act"])
        is_fraud = act.endswith("(偽りその他不正)")
        years = assessment_years(
            Act(act.removesuffix("(偽りその他不正)")), tax=str(inputs.get("tax", "")), is_fraud=is_fraud
        )
        out["last_day"] = assessment_last_day(due_on, years).isoformat()
    elif due_on:
        out["without_reminder_last_day"] = limitation_last_day(due_on).isoformat()
    if sent_on := _day(inputs.get("reminder_sent")):
        clock = reminder_clock(sent_on)
        out["tenth_day"] = clock.tenth_day.isoformat()
        out["ten_days_passed"] = clock.ten_days_passed.isoformat()
        out["seizure_from"] = clock.seizure_from.isoformat()
        out["renewed_last_day"] = clock.renewed_last_day.isoformat()
    if demand_on := _day(inputs.get("demand_letter")):
        last_day = _day(inputs.get("limitation_last_day"))
        if last_day is None and due_on is not None:
            last_day = limitation_last_day(due_on)
        if last_day is None:
            raise NotSupportedError("limitation_last_day or statutory_due is needed")
        out["postponed_until"] = postponed_by_demand(last_day, demand_on).isoformat()
    return out


_RUNNERS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "延滞金": _late_interest,
    "還付加算金": _refund_interest,
    "納期限": _due_date,
    "期間制限": _limits,
}
