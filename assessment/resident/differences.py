"""申告と報告の差異: the list over the year, worked off with reasons (F-PC-001, F-PI-013).

The newest calculation of a person tells the differences; a reason covers exactly the amounts it was given for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery

from assessment.errors import FindingRefused
from assessment.models import DifferenceSettlement, PaperDifference, ResidentFacts, RunState
from taxsys.platform import clock
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff

MAX_AT_ONCE = 500
WORDS = {
    "wage_yen": ("給与収入", "申告書の給与収入が、給与支払報告書の合計と違います。"),
    "pension_yen": ("公的年金等収入", "申告書の年金収入が、公的年金等支払報告書の合計と違います。"),
    "gains_not_netted": ("総合譲渡", "短期と長期の一方が損、一方が益で、通算されていません。"),
    "land_special_unassigned": ("分離譲渡の特別控除額", "特別控除額の合計が、区分ごとの額の合計と違います。"),
    "land_gain_total": ("分離譲渡の差引金額", "差引金額の合計が、区分ごとの所得と特別控除額の合計と違います。"),
    "dividend_kinds": ("配当所得の内訳", "内訳の合計が配当所得より多くあります。"),
    "foreign_statement_missing": ("外国税額控除", "所得税で控除がありますが、控除限度額の記載がありません。"),
    "shares_goes_on": ("株式等の翌年へ繰り越す損失", "申告書の額が、台帳と今年の所得から出る額と違います。"),
    "futures_goes_on": ("先物の翌年へ繰り越す損失", "申告書の額が、台帳と今年の所得から出る額と違います。"),
    "carried_net": ("純損失の繰越額", "申告書の額が、繰越損失の台帳と違います。"),
    "carried_home": ("居住用財産の譲渡損失の繰越額", "申告書の額が、繰越損失の台帳と違います。"),
    "carried_casualty": ("雑損失の繰越額", "申告書の額が、繰越損失の台帳と違います。"),
    "carried_shares": ("上場株式等の損失の繰越額", "申告書の額が、繰越損失の台帳と違います。"),
    "carried_futures": ("先物取引の損失の繰越額", "申告書の額が、繰越損失の台帳と違います。"),
}


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """One difference with its words, and the reason where it is settled."""

    row: PaperDifference
    title_ja: str
    message_ja: str
    settlement: DifferenceSettlement | None


def _settled() -> QuerySet[DifferenceSettlement]:
    return DifferenceSettlement.objects.filter(
        party=OuterRef("party"),
        tax_year=OuterRef("run__tax_year"),
        code=OuterRef("code"),
        stated_yen=OuterRef("stated_yen"),
        other_yen=OuterRef("other_yen"),
    )


def differences(*, only_open: bool) -> QuerySet[PaperDifference]:
    """Differences of everybody's newest calculation, newest year first."""
    newest = (
        ResidentFacts.objects.filter(party=OuterRef("party"), run__tax_year=OuterRef("run__tax_year"))
        .exclude(run__state__in=[RunState.DISCARDED, RunState.RECALLED])
        .values("party")
        .annotate(newest=Max("run_id"))
        .values("newest")
    )
    rows = PaperDifference.objects.filter(run_id=Subquery(newest)).annotate(is_settled=Exists(_settled()))
    if only_open:
        rows = rows.filter(is_settled=False)
    return rows.select_related("party", "run").order_by(F("run__tax_year").desc(), "party__person_no", "code")


def differences_shown(rows: Sequence[PaperDifference]) -> list[ShownDifference]:
    """These rows with their words and reasons."""
    reasons = {
        (one.party_id, one.tax_year, one.code, one.stated_yen, one.other_yen): one
        for one in DifferenceSettlement.objects.filter(party__in={row.party_id for row in rows})
    }
    return [
        ShownDifference(
            row,
            *WORDS[row.code],
            reasons.get((row.party_id, row.run.tax_year, row.code, row.stated_yen, row.other_yen)),
        )
        for row in rows
    ]


@transaction.atomic
def differences_settle(ids: Sequence[int], *, reason: str, actor: Staff) -> int:
    """処理済にする: all or none; a difference settled meanwhile stays as it is. Raises FindingRefused."""
    text = reason.strip()
    if not text or holds_my_number(text):
        raise FindingRefused("理由を入力してください(番号は書けません)。何も記録しませんでした。", field="reason")
    if not ids or len(ids) > MAX_AT_ONCE:
        raise FindingRefused(f"差異を1件以上{MAX_AT_ONCE}件まで選んでください。何も記録しませんでした。")
    rows = list(differences(only_open=False).filter(pk__in=ids))
    if len(rows) != len(set(ids)):
        raise FindingRefused("選んだ差異の一部が計算し直されました。画面を開き直してください。何も記録しませんでした。")
    made = DifferenceSettlement.objects.bulk_create(
        [
            DifferenceSettlement(
                party=one.party, tax_year=one.run.tax_year, code=one.code, stated_yen=one.stated_yen,
                other_yen=one.other_yen, reason=text, settled_by=actor.staff_no, settled_at=clock.now(),
            )
            for one in rows
            if not one.is_settled  # type: ignore[attr-defined]
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(made)
