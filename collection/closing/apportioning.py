"""按分と払込 (apportioning and remittance) of the resident tax: collected money divided by the levies of its tax year.

地方税法42条 (道府県民税), 森林環境税及び森林環境譲与税に関する法律8条. The parts are cut to the yen, the rest is the
city's; they are counted from the first day of the tax year on and the month takes the difference, so that nothing is
lost to rounding and a later correction of the levies is settled by itself.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db import connection, transaction

from collection.closing import bulk
from collection.closing.errors import ClosingError
from collection.closing.models import Remittance, RemittanceLine, RemittanceState
from collection.closing.rules import Parts, apportion
from collection.closing.services import sealed_through
from collection.params import parameter_file
from taxsys.kernel.calendar import next_business_day
from taxsys.platform import clock

PRINCIPAL = "principal"
_LEVY = ("revenue_city", "revenue_prefecture", "revenue_forest")


@dataclass(frozen=True, slots=True)
class RemittanceRules:
    """払込の定め: which tax, which components are divided, the day of the next month by which it is paid."""

    tax_kind: str
    pay_by_day: int
    components: tuple[str, ...]
    law_prefecture: str
    law_forest: str


@cache
def remittance_rules() -> RemittanceRules:
    """払込の定め from `params/masters/closing.toml`."""
    data = parameter_file("closing")["remittance"]
    return RemittanceRules(
        data["tax_kind"], data["pay_by_day"], tuple(data["components"]), data["law_prefecture"], data["law_forest"]
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What is levied and received of a tax year and component up to a day, in yen, and the parts that follow."""

    levied: Parts
    received_yen: int

    @property
    def parts(self) -> Parts:
        """The received money divided."""
        return apportion(self.received_yen, self.levied)


_NOTHING = Standing(Parts(0, 0, 0), 0)


def standings(until: date) -> dict[tuple[int, str], Standing]:
    """By tax year and component, from the book lines up to a day (included)."""
    rules = remittance_rules()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT tax_year, component, CASE WHEN debit_kind = 'receivable' THEN credit_kind ELSE debit_kind END,
                      sum(CASE WHEN debit_kind = 'receivable' THEN yen ELSE -yen END)::bigint
                 FROM closing_bookline
                WHERE tax_kind = %s AND occurred_on <= %s AND 'receivable' IN (debit_kind, credit_kind)
                GROUP BY 1, 2, 3""",
            [rules.tax_kind, until],
        )
        rows = cursor.fetchall()
    levied: dict[int, dict[str, int]] = {}
    received: dict[tuple[int, str], int] = {}
    for tax_year, component, other, yen in rows:
        if other in _LEVY:
            levied.setdefault(tax_year, {})[other] = yen
        elif other in {"cash_in", "suspense", "overpayment"} and component in rules.components:
            received[tax_year, component] = received.get((tax_year, component), 0) - yen
    return {
        (tax_year, component): Standing(_parts(levied.get(tax_year, {})), yen)
        for (tax_year, component), yen in sorted(received.items())
    }


def _parts(levied: Mapping[str, int]) -> Parts:
    return Parts(*(levied.get(kind, 0) for kind in _LEVY))


def remittance_count(month_on: date) -> Remittance:
    """払込の集計 of a month: its draft written anew. Raises ClosingError where the month is open or decided already.

    The month's parts are the sums up to its end less those of the last decided month, where there is none those up to
    the day before the month: what an earlier system paid stays paid.
    """
    last_on = month_on.replace(day=monthrange(month_on.year, month_on.month)[1])
    sealed = sealed_through()
    if month_on.day != 1 or sealed is None or sealed < last_on:
        raise ClosingError(f"{month_on:%Y-%m}はまだ月締めされていません。月締めの後に集計してください。")
    with transaction.atomic():
        known = Remittance.objects.select_for_update().filter(month_on=month_on).first()
        if known is not None and known.state == RemittanceState.DECIDED:
            raise ClosingError(f"{month_on:%Y-%m}の払込は決定済みです。後の増減は翌月分で精算されます。")
        if Remittance.objects.filter(month_on__gt=month_on).exists():
            raise ClosingError(f"{month_on:%Y-%m}より後の月が集計済みです。")
        before = Remittance.objects.filter(month_on__lt=month_on).first()
        if before is not None and (
            before.state != RemittanceState.DECIDED or before.last_on != month_on - timedelta(1)
        ):
            raise ClosingError(f"前の払込({before.month_on:%Y-%m})が決定されていないか、間の月が集計されていません。")
        if known is not None:
            known.delete()
        return _write(month_on, last_on, before)


def _write(month_on: date, last_on: date, before: Remittance | None) -> Remittance:
    lines = _lines(standings(last_on), _paid_before(month_on, before))
    sums = {
        name: sum(getattr(line, name) for line in lines)
        for name in ("receipts_yen", "city_yen", "prefecture_yen", "forest_yen")
    }
    pay_by = (last_on + timedelta(days=1)).replace(day=remittance_rules().pay_by_day)
    row = Remittance.objects.create(
        month_on=month_on, last_on=last_on, pay_by=next_business_day(pay_by), counted_at=clock.now(), **sums
    )
    for line in lines:
        line.remittance = row
    RemittanceLine.objects.bulk_create(lines)
    return row


def _paid_before(month_on: date, before: Remittance | None) -> dict[tuple[int, str], tuple[int, int, int]]:
    """(received, prefecture, forest) that were counted up to the month before, by tax year and component."""
    if before is None:
        return {
            key: (one.received_yen, one.parts.prefecture_yen, one.parts.forest_yen)
            for key, one in standings(month_on - timedelta(days=1)).items()
        }
    return {
        (line.tax_year, line.component): (line.received_yen, line.prefecture_total_yen, line.forest_total_yen)
        for line in before.lines.all()
    }


def _lines(
    now: Mapping[tuple[int, str], Standing], before: Mapping[tuple[int, str], tuple[int, int, int]]
) -> list[RemittanceLine]:
    lines = []
    for key in sorted({*now, *before}):
        one = now.get(key, _NOTHING)
        received, prefecture, forest = before.get(key, (0, 0, 0))
        receipts = one.received_yen - received
        to_prefecture, to_forest = one.parts.prefecture_yen - prefecture, one.parts.forest_yen - forest
        lines.append(
            RemittanceLine(
                tax_year=key[0],
                component=key[1],
                levied_yen=one.levied.total_yen,
                levied_prefecture_yen=one.levied.prefecture_yen,
                levied_forest_yen=one.levied.forest_yen,
                received_yen=one.received_yen,
                prefecture_total_yen=one.parts.prefecture_yen,
                forest_total_yen=one.parts.forest_yen,
                receipts_yen=receipts,
                city_yen=receipts - to_prefecture - to_forest,
                prefecture_yen=to_prefecture,
                forest_yen=to_forest,
            )
        )
    return lines


def remittance_faults(row: Remittance) -> list[str]:
    """What does not agree, in words: the parts with the receipts, the receipts with the ledger counted anew."""
    rules = remittance_rules()
    lines = list(row.lines.order_by("tax_year", "component"))
    faults = [
        f"{line.tax_year}年度 {line.component}: 按分の計と収入額"
        for line in lines
        if line.city_yen + line.prefecture_yen + line.forest_yen != line.receipts_yen
    ]
    first_on = row.month_on
    with transaction.atomic(), connection.cursor() as cursor:
        bulk.stage_years(cursor)
        cursor.execute(
            f"""SELECT coalesce(sum(CASE WHEN credit_kind = 'receivable' THEN yen ELSE -yen END), 0)::bigint
                  FROM ({bulk.LINES}) AS x
                 WHERE tax_kind = %(kind)s AND component = ANY (%(components)s)
                   AND ((credit_kind = 'receivable' AND debit_kind IN ('cash_in', 'suspense', 'overpayment'))
                     OR (debit_kind = 'receivable' AND credit_kind IN ('cash_in', 'suspense', 'overpayment')))""",  # noqa: S608 - a constant
            {
                "first": first_on, "last": row.last_on, "kind": rules.tax_kind, "components": list(rules.components),
            },
        )  # fmt: skip
        (ledger_yen,) = cursor.fetchone()
    if ledger_yen != row.receipts_yen:
        faults.append(f"元帳の収入額{ledger_yen:,}円と集計{row.receipts_yen:,}円")
    return faults


def remittance_decide(month_on: date, *, actor: str) -> Remittance:
    """払込の決定 by a second person: the draft, checked once more, stays as it is. Raises ClosingError."""
    with transaction.atomic():
        row = Remittance.objects.select_for_update().filter(month_on=month_on).first()
        if row is None or row.state == RemittanceState.DECIDED:
            raise ClosingError(f"{month_on:%Y-%m}の払込の集計がないか、決定済みです。")
        if faults := remittance_faults(row):
            raise ClosingError(f"払込の集計が一致しません: {'、'.join(faults)}。集計し直してください。")
        row.state, row.decided_by, row.decided_at = RemittanceState.DECIDED, actor, clock.now()
        row.save(update_fields=["state", "decided_by", "decided_at"])
        return row
