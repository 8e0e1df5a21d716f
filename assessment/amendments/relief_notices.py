"""減免通知書の一通 and its print package (B-PI-19-G): what was decided and told to nobody yet. L-PI-13."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from addressbook.disclosure import HIDDEN_TEXT, address_for
from addressbook.mailing import Mailing, mailings_for
from assessment.amendments.models import Relief, ReliefAct, ReliefState
from assessment.amendments.papers.relief_notice import ReliefNoticeDrawer
from assessment.amendments.papers.relief_notice_data import ReliefNotice, RelievedLine
from assessment.amendments.relief_law import grade_of, rate_ja
from assessment.amendments.reliefs import lines_kept
from assessment.decisions.selectors import standing_decision_of
from assessment.models import Decision
from assessment.permissions import PRINT_NOTICES, RELEASE_NOTICES
from assessment.resident.notices.checks import protected_stay_inside
from assessment.resident.runs import TAX_KIND
from taxsys.kernel import wareki
from taxsys.platform.jobs.declaration import Job, Param
from taxsys.platform.printing import issuers
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.models import PackageState, PrintSubject
from taxsys.platform.printing.pieces import PrintPiece, Subject
from taxsys.platform.printing.print_jobs import PrintWork, print_job

KIND = "relief_notice"
DESK = "assessment"
# The screen is the desk's, not the taxpayer's: a hidden address stands on it for who may see it alone.
OUTPUT = "assessment.reliefs"
TOLD = (ReliefState.GRANTED, ReliefState.REFUSED, ReliefState.REVOKED)
_ACTS = {
    ReliefState.GRANTED: ReliefAct.GRANT, ReliefState.REFUSED: ReliefAct.REFUSE, ReliefState.REVOKED: ReliefAct.REVOKE,
}  # fmt: skip
_METHODS = {"ordinary": "普通徴収", "wage": "給与特別徴収", "pension": "年金特別徴収"}


def relief_keys(tax_year: int) -> list[str]:
    """減免番号 of every decision on a remission of the year that no live package tells, in order."""
    told = set(
        PrintSubject.objects.filter(package__kind=KIND)
        .exclude(package__state=PackageState.RECALLED)
        .values_list("reference", flat=True)
    )
    rows = Relief.objects.filter(tax_year=tax_year, state__in=TOLD).order_by("relief_no")
    return [one.relief_no for one in rows if _reference(one) not in told]


def _reference(relief: Relief) -> str:
    """What a piece tells: the remission and the act that stands."""
    return f"{relief.relief_no}:{_ACTS[ReliefState(relief.state)]}"


def relief_pieces(keys: Sequence[str], *, issued_on: date) -> list[PrintPiece]:
    """減免通知書の通 of these remissions, in order."""
    found = {one.relief_no: one for one in Relief.objects.filter(relief_no__in=keys)}
    mailings = mailings_for([one.party_id for one in found.values()], tax_kind=TAX_KIND, on=issued_on)
    return [_piece(found[key], mailings[found[key].party_id], issued_on) for key in keys]


def _piece(relief: Relief, mailing: Mailing, issued_on: date) -> PrintPiece:
    paper = relief_notice(relief, mailing, issued_on)
    return PrintPiece(
        item_key=relief.relief_no,
        addressee=mailing.addressee,
        notice_no=relief.relief_no,
        tax_year=relief.tax_year,
        paper=paper,
        amount_yen=paper.relief_yen,
        subjects=(Subject(str(relief.party_id), _reference(relief)),),
    )


def relief_notice(relief: Relief, mailing: Mailing, issued_on: date) -> ReliefNotice:
    """減免通知書のデータ of the act that stands."""
    act = _ACTS[ReliefState(relief.state)]
    ground, grade = grade_of(relief.ground, relief.grade)
    lines = relief.lines
    if act == ReliefAct.REVOKE and relief.revoke_from:
        lines = lines_kept(relief, relief.revoke_from)
    before, after = _annual(relief, act)
    return ReliefNotice(
        addressee=mailing.addressee,
        office=issuers.office(DESK),
        appeal=issuers.appeal(),
        relief_no=relief.relief_no,
        act=str(act),
        tax_year=relief.tax_year,
        taxpayer_name=mailing.taxpayer_name,
        issued_on=issued_on,
        applied_on=relief.applied_on,
        ground_ja=f"{ground.title_ja}（{grade.title_ja}・{rate_ja(grade.rate)}）",
        reason_ja=relief.act_reason_ja,
        lines=tuple(
            RelievedLine(f"{_METHODS[one[0]]} 第{one[2]}期", date.fromisoformat(one[3]), sum(one[4:])) for one in lines
        ),
        city_yen=relief.city_yen,
        prefecture_yen=relief.prefecture_yen,
        forest_yen=relief.forest_yen,
        old_annual_yen=before,
        annual_yen=after,
        is_ex_officio=relief.is_ex_officio,
        revoke_from=relief.revoke_from,
    )


def relief_preview(relief: Relief, *, issued_on: date, viewer: Any = None) -> bytes:
    """減免通知書 (PDF) of one remission as the package prints it, marked プレビュー.

    A hidden person's address stands on it only for who holds that right.
    """
    (piece,) = relief_pieces([relief.relief_no], issued_on=issued_on)
    paper: ReliefNotice = piece.paper
    if paper.addressee.is_protected and address_for(relief.party_id, output=OUTPUT, viewer=viewer).is_masked:
        hidden = replace(paper.addressee, zip7="", address_lines=(HIDDEN_TEXT,), address_code="")
        paper = replace(paper, addressee=hidden)
    drawer = ReliefNoticeDrawer()
    book = Book(title=drawer.title_ja, mark="プレビュー")
    drawer.draw(book, paper)
    return bytes(book.finish())


def _annual(relief: Relief, act: ReliefAct) -> tuple[int, int]:
    """年税額 before and after the act: of the version it made and the one before, of a refusal what stands."""
    rows = Decision.objects.filter(party_id=relief.party_id, tax_year=relief.tax_year).order_by("version")
    if act == ReliefAct.GRANT and relief.version is not None:
        made = rows.filter(version=relief.version).select_related("previous").first()
    elif act == ReliefAct.REVOKE:
        made = rows.filter(cause="relief_ended", reason_ja__endswith=f"({relief.relief_no})").last()
    else:
        made = None
    if made is not None and made.previous is not None:
        return made.previous.annual_yen, made.annual_yen
    standing = standing_decision_of(relief.party_id, tax_year=relief.tax_year)
    yen = standing.annual_yen if standing else 0
    return yen, yen


RELIEF_NOTICES = PrintWork(
    kind=KIND,
    drawer=ReliefNoticeDrawer(),
    title_ja=lambda ctx: f"減免通知書（{wareki.format_long(ctx.day('issued_on'))}発送）",
    business_key=lambda ctx: f"{ctx.params['tax_year']}-{ctx.day('issued_on').isoformat()}",
    item_keys=lambda ctx: relief_keys(int(ctx.params["tax_year"])),
    load=lambda ctx, keys: relief_pieces(keys, issued_on=ctx.day("issued_on")),
    checks=(protected_stay_inside,),
)

RELIEF_NOTICE_JOB: Job = print_job(
    RELIEF_NOTICES,
    id="B-PI-19-G",
    name_ja="減免通知書作成",
    app="assessment",
    scope="resident.relief_notices.{tax_year}",
    params=(Param("tax_year", "int", name_ja="課税年度"), Param("issued_on", "date", name_ja="発送日")),
    permission=PRINT_NOTICES,
    release_permission=RELEASE_NOTICES,
    legal_base="地方税法323条・45条",
    description_ja="まだ通知していない減免の決定・不承認・取消の通知書を一つの組にします。",
)
