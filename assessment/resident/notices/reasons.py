"""通知の理由 (the reason line of a notice): why it was decided, and on a change which figures moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessment.decisions.models import DecisionCause
from taxsys.kernel import wareki

_MOST = 4
_MOVED = (
    ("salary_income_yen", "給与所得"),
    ("pension_income_yen", "公的年金等の雑所得"),
    ("total_income_yen", "合計所得金額"),
    ("total_deduction_yen", "所得控除合計"),
    ("taxable_income_yen", "課税標準額"),
    ("donation_credit_city_yen", "寄附金税額控除（市民税）"),
    ("housing_credit_city_yen", "住宅借入金等特別税額控除（市民税）"),
    ("income_levy_city_yen", "市民税所得割額"),
    ("per_capita_city_yen", "市民税均等割額"),
)
_CAUSES = {
    DecisionCause.ADDITIONAL: "随時課税として決定したものです。",
    DecisionCause.DETERMINATION: "地方税法第321条の２の規定により決定したものです。",
    DecisionCause.RELIEF: "減免の決定により税額を変更したものです。",
    DecisionCause.RELIEF_ENDED: "減免を取り消したことにより税額を変更したものです。",
    DecisionCause.LAW_CORRECTED: "税額の計算に用いた値の誤りを訂正したことにより、税額を変更したものです。",
    DecisionCause.MOVED: "地方税法第３２１条の６又は第３２１条の７の規定により、徴収方法を変更したものです。",
    DecisionCause.CANCELLATION: "賦課決定を取り消したものです。",
}


def reason_line(*, cause: str, reason_ja: str, tax_year: int, told: Any, now: Any) -> str:
    """通知の理由. `told` and `now` are result rows (or None): what the taxpayer was told before, and what holds now."""
    if told is None and cause in {DecisionCause.INITIAL, DecisionCause.CORRECTION}:
        day = f"{wareki.format_year(tax_year)}年１月１日（賦課期日）"
        text = f"{day}現在の住所及び前年中の所得に基づき、当初課税として決定したものです。"
    elif cause in _CAUSES:
        text = _CAUSES[DecisionCause(cause)]
    else:
        text = "課税資料の追加又は訂正により、税額を変更したものです。"
    if reason_ja:
        text = f"{reason_ja.rstrip('。')}。{text}"
    moved = list(_moved(told, now)) if told is not None and now is not None else []
    return text + (f"主な変更：{'、'.join(moved[:_MOST])}" if moved else "")


def _moved(told: Any, now: Any) -> Iterable[str]:
    for column, title in _MOVED:
        before, after = int(getattr(told, column)), int(getattr(now, column))
        if before != after:
            yield f"{title} {before:,}円→{after:,}円"
