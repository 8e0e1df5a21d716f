"""納付書の発行 (issue of payment slips): per charge or for a set, every version with codes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from collection.bulk import slips as bulk
from collection.bulk.slips import ChargeFacts, SlipCodes
from collection.errors import CollectionError
from collection.params import parameter_file
from collection.rules.slip_codes import EL_PREFIX, SlipIssuer, barcode44, case_no, confirm_no

_MAX_SALT = 5


class SlipError(CollectionError):
    """納付書 cannot be issued as asked."""

    code = "C0501"


@dataclass(frozen=True, slots=True)
class SlipRequest:
    """One slip: its charges (one, or several for a combined slip), 取扱期限, and fees or interest in yen to ask for.

    The principal asked for is what is open. Fees and interest are allowed for a single charge only.
    """

    charge_ids: tuple[int, ...]
    valid_until: date
    reminder_fee_yen: int = 0
    late_interest_yen: int = 0


@dataclass(frozen=True, slots=True)
class IssuedSlip:
    """What was issued; `charge_ids` in the order of the request."""

    slip_id: int
    charge_ids: tuple[int, ...]
    version: int
    amount_yen: int
    cvs_barcode: str
    el_number: tuple[str, str, str, str]


def slip_issue_many(requests: Iterable[SlipRequest], *, issued_on: date) -> list[IssuedSlip]:
    """Issue slips set-based in one transaction, in the order of the requests.

    Earlier active slips of the same charges become `replaced`. Above 300,000 yen there is no bar code, the eL number
    stays. Raises SlipError for a paid or withdrawn charge. F-CL 納付書発行.
    """
    wanted = list(requests)
    if not wanted:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        facts = bulk.charge_facts(cursor, sorted({c for request in wanted for c in request.charge_ids}))
        drafts = [_draft(request, facts) for request in wanted]
        taken = bulk.taken_cases(cursor, [draft.case_no for draft in drafts])
        drafts = _without_collisions(cursor, drafts, taken)
        bulk.replace_active(cursor, [c for request in wanted for c in request.charge_ids])
        ids = bulk.insert_slips(cursor, drafts, issued_on=issued_on)
    return [
        IssuedSlip(
            slip_id=slip_id,
            charge_ids=request.charge_ids,
            version=draft.version,
            amount_yen=draft.amount_yen,
            cvs_barcode=draft.cvs_barcode,
            el_number=(draft.el_municipality_code, draft.el_item_code, EL_PREFIX + draft.case_no, draft.el_confirm_no),
        )
        for slip_id, draft, request in zip(ids, drafts, wanted, strict=True)
    ]


def issuer_for(tax_kind: str, method: str) -> SlipIssuer:
    """Issuer codes of the city for a tax kind and collection method."""
    data = parameter_file("slip_issuer")
    items = data["el_item_code"]
    item = items.get(f"{tax_kind}.{method}") or items.get(tax_kind)
    if item is None:
        raise SlipError(f"税目{tax_kind}の税目・料金番号が登録されていません。")
    return SlipIssuer(data["issuer_code"], data["client_code"], settings.TAXSYS_MUNICIPALITY_CODE, item)


def _draft(request: SlipRequest, facts: dict[int, ChargeFacts], *, salt: int = 0) -> SlipCodes:
    charges = [facts[charge_id] for charge_id in request.charge_ids if charge_id in facts]
    if len(charges) != len(request.charge_ids) or not charges:
        raise SlipError("納付書の対象の期別がありません。")
    if len(charges) > 1 and (request.reminder_fee_yen or request.late_interest_yen):
        raise SlipError("延滞金・督促手数料は1期別の納付書にだけ記載できます。")
    closed = next((c for c in charges if not c.is_active or c.open_yen <= 0), None)
    if closed is not None and not (closed.is_active and request.late_interest_yen):
        raise SlipError(f"通知書番号{closed.notice_no}第{closed.instalment_no}期に未納額がありません。")
    first = charges[0]
    key = "+".join(charge.business_key for charge in charges)
    version = max(charge.slip_count for charge in charges) + 1
    amount = sum(charge.open_yen for charge in charges) + request.reminder_fee_yen + request.late_interest_yen
    issuer = issuer_for(first.tax_kind, first.method)
    case = case_no(key, version=version, salt=salt)
    return SlipCodes(
        case_no=case,
        version=version,
        tax_kind=first.tax_kind,
        notice_no=first.notice_no,
        amount_yen=amount,
        valid_until=request.valid_until,
        cvs_barcode=barcode44(issuer, case, version=version, valid_until=request.valid_until, amount_yen=amount),
        el_municipality_code=issuer.municipality_code,
        el_item_code=issuer.el_item_code,
        el_confirm_no=confirm_no(case),
        lines=tuple((c.charge_id, c.open_yen, request.reminder_fee_yen, request.late_interest_yen) for c in charges),
        redraw=lambda next_salt: _draft(request, facts, salt=next_salt),
    )


def _without_collisions(cursor: bulk.CursorWrapper, drafts: Sequence[SlipCodes], taken: set[str]) -> list[SlipCodes]:
    seen: set[str] = set()
    out = []
    for draft in drafts:
        one, salt = draft, 0
        while one.case_no in taken or one.case_no in seen:
            salt += 1
            if salt > _MAX_SALT:
                raise SlipError("案件特定番号を採番できません。")
            one = draft.redraw(salt)
            taken |= bulk.taken_cases(cursor, [one.case_no])
        seen.add(one.case_no)
        out.append(one)
    return out
