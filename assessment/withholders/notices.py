"""納期の特例の通知書の一通: the decision in words and the due dates that follow from it (L-PI-10)."""

from __future__ import annotations

from datetime import date

from addressbook.mailing import mailings_for
from assessment.resident.moves.timeline import month_of
from assessment.withholders.models import PaymentPrivilege, PrivilegeState
from assessment.withholders.papers.privilege_notice_data import DueLine, PrivilegeNotice
from assessment.withholders.rules import due_places, place_number
from assessment.withholders.selectors import privilege_spans, privilege_terms
from assessment.withholders.services import TAX_KIND, year_due_dates
from taxsys.kernel import wareki
from taxsys.platform.printing import issuers

DESK = "assessment"
NOTIFIED = (PrivilegeState.APPROVED, PrivilegeState.REFUSED, PrivilegeState.REVOKED, PrivilegeState.GIVEN_UP)


def privilege_notice(privilege: PaymentPrivilege, *, on: date) -> PrivilegeNotice:
    """通知書のデータ of a decided application. Raises ValueError for one that is not decided."""
    if privilege.state not in NOTIFIED or privilege.decided_on is None:
        raise ValueError("決裁の済んでいない申請の通知書は作れません。")
    agent = privilege.withholder
    mailing = mailings_for([agent.party_id], tax_kind=TAX_KIND, on=on)[agent.party_id]
    is_end = privilege.ended_on is not None
    return PrivilegeNotice(
        addressee=mailing.addressee,
        office=issuers.office(DESK),
        appeal=issuers.appeal(),
        designation_no=agent.designation_no,
        withholder_name=mailing.taxpayer_name,
        act_ja=str(PrivilegeState(privilege.state).label),
        decided_on=privilege.end_decided_on or privilege.decided_on,
        received_on=privilege.received_on,
        effect_ja=_effect_ja(privilege),
        reason_ja=privilege.end_reason_ja if is_end else privilege.decision_reason_ja,
        dues=() if privilege.state == PrivilegeState.REFUSED else _dues(privilege),
    )


def _effect_ja(privilege: PaymentPrivilege) -> str:
    first = privilege.first_month
    start = f"{wareki.format_year(first.year)}年{first.month}月分から"
    if privilege.state == PrivilegeState.REFUSED:
        return "納期の特例は適用されません。月割額は、徴収した月の翌月10日までに納入してください。"
    if privilege.ended_on is None:
        return f"{start}適用します。"
    return f"{wareki.format_long(privilege.ended_on)}で終わります。その日の属する月の翌月分から、毎月納入してください。"


def _dues(privilege: PaymentPrivilege) -> tuple[DueLine, ...]:
    """Due dates of the tax year of the decision's effect, months of one day together."""
    day = privilege.ended_on or privilege.first_month
    year = day.year if place_number(day, day.year) > 0 else day.year - 1
    spans = privilege_spans([privilege.withholder_id])[privilege.withholder_id]
    places = due_places(year, spans, half_months=privilege_terms()["half_months"])
    dues = year_due_dates(year)
    lines: list[tuple[int, int, date]] = []
    for place in range(max(place_number(day, year), 1), len(places) + 1):
        due_on = dues[places[place - 1] - 1]
        if lines and lines[-1][2] == due_on:
            lines[-1] = (lines[-1][0], place, due_on)
        else:
            lines.append((place, place, due_on))
    return tuple(DueLine(_months_ja(first, last), due_on) for first, last, due_on in lines)


def _months_ja(first: int, last: int) -> str:
    return f"{month_of(first)}月分" if first == last else f"{month_of(first)}月分から{month_of(last)}月分まで"
