"""申告のお願いの印刷 (B-PI-24-P): whom the list of non-filers names and who was not asked yet, as a print package.

F-PL-015, L-PI-02; the addressee is the delivery service's, the hidden stay in the house (N-095).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from addressbook.codes import PartyState
from addressbook.mailing import mailings_for
from assessment.items.models import DeskItem, ItemKind, ItemState
from assessment.items.services import items_asked
from assessment.permissions import PRINT_NOTICES, RELEASE_NOTICES
from assessment.resident.notices.checks import protected_stay_inside
from assessment.resident.papers.filing_request import FilingRequestDrawer
from assessment.resident.papers.filing_request_data import FilingRequest
from taxsys.kernel import wareki
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.printing import issuers
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.pieces import PrintPiece, Subject
from taxsys.platform.printing.print_jobs import PrintWork, print_job

KIND = "filing_request"
DESK = "assessment"
# 個人住民税: whose registered deliveries count.
TAX_KIND = "10"
# Nobody can be asked any more; the matter stays on the list for the clerk.
_GONE = (PartyState.DEAD, PartyState.ERASED)


def _to_ask(tax_year: int) -> QuerySet[DeskItem]:
    """Open matters of non-filers of the year who were not asked yet."""
    return DeskItem.objects.filter(
        tax_year=tax_year, kind=ItemKind.NON_FILER, state=ItemState.OPEN, asked_on__isnull=True
    ).exclude(party__state__in=_GONE)


def request_keys(tax_year: int) -> list[str]:
    """宛名番号 of everybody to be asked, in order."""
    return list(_to_ask(tax_year).order_by("party__person_no").values_list("party__person_no", flat=True))


def request_pieces(keys: Sequence[str], *, tax_year: int, issued_on: date, reply_by: date) -> list[PrintPiece]:
    """申告のお願いの通 for these people, in order. Raises JobRefused where one is not to be asked any more."""
    rows = {
        one.party.person_no: one for one in _to_ask(tax_year).filter(party__person_no__in=keys).select_related("party")
    }
    missing = [key for key in keys if key not in rows]
    if missing:
        raise JobRefused("J-ITEM", f"宛名番号 {missing[0]} は未申告者でなくなりました。組を作り直してください。")
    mailings = mailings_for([rows[key].party_id for key in keys], tax_kind=TAX_KIND, on=issued_on)
    office = issuers.office(DESK)
    pieces = []
    for key in keys:
        row = rows[key]
        mailing = mailings[row.party_id]
        paper = FilingRequest(
            addressee=mailing.addressee, office=office, request_no=key, tax_year=tax_year,
            assessment_on=date(tax_year, 1, 1), issued_on=issued_on, reply_by=reply_by,
        )  # fmt: skip
        pieces.append(
            PrintPiece(
                item_key=key,
                addressee=mailing.addressee,
                notice_no=paper.request_no,
                tax_year=tax_year,
                paper=paper,
                subjects=(Subject(str(row.party_id), paper.request_no),),
            )
        )
    return pieces


def _load(ctx: JobContext, keys: Sequence[str]) -> list[PrintPiece]:
    return request_pieces(
        keys, tax_year=int(ctx.params["tax_year"]), issued_on=ctx.day("issued_on"), reply_by=ctx.day("reply_by")
    )


def _asked(ctx: JobContext, package: PrintPackage | None) -> None:
    """The package is let go: who is in it has been asked on that day; who was pulled out has not."""
    if package is None:
        return
    keys = list(package.items.filter(pulled_by="").values_list("item_key", flat=True))
    count = items_asked(keys, tax_year=int(ctx.params["tax_year"]), on=ctx.day("issued_on"))
    ctx.log(f"申告のお願いを発送 {count:,}通")


FILING_REQUESTS = PrintWork(
    kind=KIND,
    drawer=FilingRequestDrawer(),
    title_ja=lambda ctx: f"申告のお願い（{wareki.format_long(ctx.day('issued_on'))}発送）",
    business_key=lambda ctx: f"{ctx.params['tax_year']}-{ctx.day('issued_on').isoformat()}",
    item_keys=lambda ctx: request_keys(int(ctx.params["tax_year"])),
    load=_load,
    checks=(protected_stay_inside,),
    on_release=_asked,
)

FILING_REQUEST_JOB: Job = print_job(
    FILING_REQUESTS,
    id="B-PI-24-P",
    name_ja="申告のお願い作成",
    app="assessment",
    scope="resident.filing_requests.{tax_year}",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("issued_on", "date", name_ja="発送日"),
        Param("reply_by", "date", name_ja="申告の期限"),
    ),
    permission=PRINT_NOTICES,
    release_permission=RELEASE_NOTICES,
    legal_base="地方税法317条の2",
    description_ja="未申告者抽出（B-PI-24）の未処理の人のうち、まだ送っていない人への申告のお願いを一つの組にします。",
)
