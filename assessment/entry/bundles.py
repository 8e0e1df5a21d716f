"""束の二人入力（ダブルキー）(writes): two people key every paper, a third decides where they differ (R-177, R-178).

The keyers are named when the bundle is made, two different persons; nobody reads what the other keyed. A paper on which
both agree becomes a document in the same act. When all papers of a bundle are settled, what was keyed is emptied: the
document holds what counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from assessment.entry.declaration import PaperForm
from assessment.entry.models import BundlePaper, EntryBundle, Keying, PaperState
from assessment.entry.paper_forms import FORMS
from assessment.entry.services import EnteredPaper, paper_problems, paper_register
from assessment.errors import EntryRefused
from assessment.permissions import KEY_PAPERS
from taxsys.platform import clock
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.models import Staff

MAX_PAPERS = 500
LEDGER = "data_entry"
SETTLED = (PaperState.AGREED, PaperState.UNREADABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleDraft:
    """A bundle to be made."""

    title: str
    form_code: str
    tax_year: int
    arrived_on: date
    paper_count: int
    first_keyer: Staff
    second_keyer: Staff
    ledger_row: RegisterRow | None = None


@transaction.atomic
def bundle_make(draft: BundleDraft, *, actor: Staff) -> EntryBundle:
    """束を作る, with an empty place for each of its papers.

    Raises EntryRefused: one person twice, somebody who may not key, a ledger row of another count or already closed.
    """
    if draft.form_code not in FORMS:
        raise EntryRefused("様式を選んでください。", field="form_code")
    if not 0 < draft.paper_count <= MAX_PAPERS:
        raise EntryRefused(f"枚数は1枚から{MAX_PAPERS}枚までです。", field="paper_count")
    if draft.first_keyer.person_key == draft.second_keyer.person_key:
        raise EntryRefused("一人目と二人目は、別の人にしてください。", field="second_keyer")
    for name in ("first_keyer", "second_keyer"):
        if not has_permission(getattr(draft, name), KEY_PAPERS):
            raise EntryRefused("この職員には束の原票の入力の権限がありません。", field=name)
    _ledger_check(draft)
    bundle = EntryBundle.objects.create(
        title=draft.title, form_code=draft.form_code, tax_year=draft.tax_year, arrived_on=draft.arrived_on,
        paper_count=draft.paper_count, ledger_row=draft.ledger_row, first_keyer=draft.first_keyer,
        second_keyer=draft.second_keyer, made_by=actor, made_at=clock.now(),
    )  # fmt: skip
    BundlePaper.objects.bulk_create(BundlePaper(bundle=bundle, seq=seq) for seq in range(1, draft.paper_count + 1))
    return bundle


def _ledger_check(draft: BundleDraft) -> None:
    """Papers keyed by a contractor stand in the ledger of papers handed out, with the same count (R-178)."""
    row = draft.ledger_row
    if row is None:
        if draft.first_keyer.contract or draft.second_keyer.contract:
            raise EntryRefused("委託先が入力する束には、受払簿の行を選んでください。", field="ledger_row")
        return
    if row.kind != LEDGER or row.state != "open":
        raise EntryRefused("受払簿の行が、引渡し済の状態ではありません。", field="ledger_row")
    if row.values.get("handed_count") != draft.paper_count:
        raise EntryRefused("枚数が、受払簿の引き渡した枚数と合いません。", field="paper_count")


def turn_of(bundle: EntryBundle, staff: Staff) -> int:
    """Whether this officer keys first (1) or second (2). Raises EntryRefused for everybody else."""
    if staff.pk == bundle.first_keyer_id:
        return 1
    if staff.pk == bundle.second_keyer_id:
        return 2
    raise EntryRefused("この束の入力者ではありません。")


def bundle_form(bundle: EntryBundle) -> PaperForm:
    """The form of the bundle's papers."""
    return FORMS[bundle.form_code]


@transaction.atomic
def paper_key(
    bundle_id: int, seq: int, values: Mapping[str, Any], *, actor: Staff, is_unreadable: bool = False
) -> BundlePaper:
    """原票を入力する: one person's keying of one paper; with the second one the two are compared.

    The same again changes nothing. Raises EntryRefused: not a keyer of the bundle, no such paper, keyed before with
    something else.
    """
    paper = BundlePaper.objects.select_for_update().filter(bundle_id=bundle_id, seq=seq).first()
    if paper is None:
        raise EntryRefused("この束にこの原票はありません。")
    bundle = EntryBundle.objects.get(pk=paper.bundle_id)
    turn = turn_of(bundle, actor)
    kept = {} if is_unreadable else dict(values)
    before = paper.keyings.filter(turn=turn).first()
    if before is not None:
        if before.is_unreadable == is_unreadable and before.values in ({}, kept):
            return paper
        raise EntryRefused(f"{seq}枚目は入力済です。入力し直すことはできません。主任者に伝えてください。")
    Keying.objects.create(
        paper=paper, turn=turn, values=kept, is_unreadable=is_unreadable, keyed_by=actor, keyed_at=clock.now()
    )
    keyings = list(paper.keyings.order_by("turn"))
    if len(keyings) == 2:
        _compare(paper, bundle, keyings, actor)
    return paper


def _compare(paper: BundlePaper, bundle: EntryBundle, keyings: list[Keying], actor: Staff) -> None:
    """Agreed papers become documents; what differs, or contradicts itself, waits for a third person."""
    first, second = keyings
    if first.is_unreadable and second.is_unreadable:
        paper.state = PaperState.UNREADABLE
    elif first.is_unreadable != second.is_unreadable:
        paper.state, paper.differing = PaperState.DIFFERS, sorted({*first.values, *second.values})
    else:
        form = bundle_form(bundle)
        names = [box.name for box in form.boxes()]
        stops = {one.box for one in _problems(bundle, first.values) if one.is_stop}
        paper.differing = [
            name for name in names if name in stops or first.values.get(name) != second.values.get(name)
        ]  # fmt: skip
        paper.state = PaperState.DIFFERS if paper.differing else PaperState.AGREED
    if paper.state == PaperState.AGREED:
        _register(paper, bundle, first.values, actor)
    paper.save(update_fields=["state", "differing"])
    _close_if_settled(bundle)


def _problems(bundle: EntryBundle, values: Mapping[str, Any]) -> list[Any]:
    return paper_problems(bundle_form(bundle), values, tax_year=bundle.tax_year)


def _register(paper: BundlePaper, bundle: EntryBundle, values: Mapping[str, Any], actor: Staff) -> None:
    paper_register(
        EnteredPaper(
            key=uuid5(NAMESPACE_URL, f"bundle-paper:{paper.pk}"),
            form=bundle_form(bundle),
            tax_year=bundle.tax_year,
            values={"filing_kind": "0", **values, "arrived_on": bundle.arrived_on.isoformat()},
            paper=paper,
        ),
        actor=actor,
    )


def agreed_values(paper: BundlePaper) -> dict[str, Any]:
    """What both keyed alike."""
    keyings = [one for one in paper.keyings.order_by("turn") if not one.is_unreadable]
    return {name: value for name, value in keyings[0].values.items() if name not in paper.differing} if keyings else {}


@transaction.atomic
def difference_decide(paper_id: int, decided: Mapping[str, Any], *, actor: Staff, reason: str = "") -> BundlePaper:
    """相違を決める: the differing boxes as a third person reads them from the paper; the paper becomes a document.

    Raises EntryRefused: a keyer of the paper, no difference (any more), what no paper can say.
    """
    paper, bundle = _to_decide(paper_id, actor)
    values = {**agreed_values(paper), **{name: decided[name] for name in paper.differing if name in decided}}
    _register(paper, bundle, values, actor)
    _decided(paper, bundle, PaperState.AGREED, actor, reason)
    return paper


@transaction.atomic
def paper_return(paper_id: int, *, actor: Staff, reason: str) -> BundlePaper:
    """未入力で戻す: a third person says that the paper cannot be keyed, with the reason. Raises EntryRefused."""
    if not reason.strip():
        raise EntryRefused("理由を入力してください。", field="reason")
    paper, bundle = _to_decide(paper_id, actor)
    _decided(paper, bundle, PaperState.UNREADABLE, actor, reason)
    return paper


def _to_decide(paper_id: int, actor: Staff) -> tuple[BundlePaper, EntryBundle]:
    paper = BundlePaper.objects.select_for_update().filter(pk=paper_id).first()
    if paper is None or paper.state != PaperState.DIFFERS:
        raise EntryRefused("この原票に、決める相違はありません。画面を開き直してください。")
    keyers = Staff.objects.filter(pk__in=paper.keyings.values("keyed_by"))
    if actor.person_key in {one.person_key for one in keyers}:
        raise EntryRefused("入力した人は、相違を決められません。別の職員が決めてください。")
    return paper, EntryBundle.objects.get(pk=paper.bundle_id)


def _decided(paper: BundlePaper, bundle: EntryBundle, state: str, actor: Staff, reason: str) -> None:
    paper.state = state
    paper.decided_by, paper.decided_at, paper.reason = actor, clock.now(), reason.strip()[:200]
    paper.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _close_if_settled(bundle)


def _close_if_settled(bundle: EntryBundle) -> None:
    """完了: every paper settled; what the two keyed is no longer needed (the documents hold it) and is emptied."""
    locked = EntryBundle.objects.select_for_update().get(pk=bundle.pk)
    if locked.closed_at is None and not locked.papers.exclude(state__in=SETTLED).exists():
        locked.closed_at = clock.now()
        locked.save(update_fields=["closed_at"])
        Keying.objects.filter(paper__bundle=locked).update(values={})
