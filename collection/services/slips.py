"""納付書の発行 (issue of payment slips): per charge or for a set, every version with codes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

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
class SlipClaim:
    """What a slip asks of one charge, in yen; `principal_yen` None: all of the tax that is open."""

    charge_id: int
    principal_yen: int | None = None
    reminder_fee_yen: int = 0
    late_interest_yen: int = 0


@dataclass(frozen=True, slots=True)
class SlipRequest:
    """One slip for the whole open principal of its charges (one, or several for a combined slip) until 取扱期限.

    Fees and interest in yen are of a single charge only; see `ClaimedSlip` for those of several.
    """

    charge_ids: tuple[int, ...]
    valid_until: date
    reminder_fee_yen: int = 0
    late_interest_yen: int = 0

    @property
    def claims(self) -> tuple[SlipClaim, ...]:
        """What is asked of each charge. SlipError for a fee or interest of several charges."""
        if len(self.charge_ids) > 1 and (self.reminder_fee_yen or self.late_interest_yen):
            raise SlipError("延滞金・督促手数料は、どの期別のものかを指定してください。")
        return tuple(SlipClaim(one, None, self.reminder_fee_yen, self.late_interest_yen) for one in self.charge_ids)


@dataclass(frozen=True, slots=True)
class ClaimedSlip:
    """One slip that asks for these very amounts (一部納付・合算納付書), each charge once, until 取扱期限."""

    claims: tuple[SlipClaim, ...]
    valid_until: date

    @property
    def charge_ids(self) -> tuple[int, ...]:
        """The charges in the order of the claims."""
        return tuple(one.charge_id for one in self.claims)


Wanted: TypeAlias = SlipRequest | ClaimedSlip


@dataclass(frozen=True, slots=True)
class IssuedSlip:
    """What was issued; `charge_ids` in the order of the request."""

    slip_id: int
    charge_ids: tuple[int, ...]
    version: int
    amount_yen: int
    cvs_barcode: str
    el_number: tuple[str, str, str, str]


def slip_issue_many(requests: Iterable[Wanted], *, issued_on: date) -> list[IssuedSlip]:
    """Issue slips set-based in one transaction, in the order of the requests.

    Earlier active slips of the same charges become `replaced`. Above 300,000 yen there is no bar code, the eL number
    stays. Charges of one slip go to one item of the portal (税目・料金番号). A slip that asks for less tax than is open
    (一部納付) is in circulation until its own amount has come. Raises SlipError for a paid or withdrawn charge, more
    than is open, charges that do not go together. F-CL 納付書発行.
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


def _draft(request: Wanted, facts: dict[int, ChargeFacts], *, salt: int = 0) -> SlipCodes:
    claims = request.claims
    charges = [facts[claim.charge_id] for claim in claims if claim.charge_id in facts]
    if len(charges) != len(claims) or not charges or len({one.charge_id for one in charges}) != len(charges):
        raise SlipError("納付書の対象の期別がありません。")
    lines = tuple(_line(claim, charge) for claim, charge in zip(claims, charges, strict=True))
    first = charges[0]
    issuer = issuer_for(first.tax_kind, first.method)
    if any(issuer_for(one.tax_kind, one.method) != issuer for one in charges):
        raise SlipError("税目・料金番号の違う期別は、1枚の納付書にまとめられません。別々に発行してください。")
    key = "+".join(charge.business_key for charge in charges)
    version = max(charge.slip_count for charge in charges) + 1
    amount = sum(sum(line[1:]) for line in lines)
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
        lines=lines,
        is_part=any(line[1] < charge.open_yen for line, charge in zip(lines, charges, strict=True)),
        redraw=lambda next_salt: _draft(request, facts, salt=next_salt),
    )


def _line(claim: SlipClaim, charge: ChargeFacts) -> tuple[int, int, int, int]:
    """Charge, principal, fee and interest of a claim on it. SlipError where it is not owed."""
    name = f"通知書番号{charge.notice_no}第{charge.instalment_no}期"
    if not charge.is_active or (charge.open_yen <= 0 and not claim.late_interest_yen + claim.reminder_fee_yen):
        raise SlipError(f"{name}に未納額がありません。")
    principal = charge.open_yen if claim.principal_yen is None else claim.principal_yen
    if not 0 <= principal <= charge.open_yen:
        raise SlipError(f"{name}の未納額は{charge.open_yen:,}円です。これを超える納付書は発行できません。")
    if principal + claim.reminder_fee_yen + claim.late_interest_yen <= 0:
        raise SlipError(f"{name}の納付額を1円以上にしてください。")
    return charge.charge_id, principal, claim.reminder_fee_yen, claim.late_interest_yen


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
