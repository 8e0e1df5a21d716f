"""入力の照会: years that may be entered, what an officer entered last, bundles and their progress."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from assessment.entry.models import BundlePaper, EntryBundle, Keying, PaperEntry, PaperState
from assessment.resident.rules.pipeline import PIPELINES
from taxsys.platform import clock
from taxsys.platform.staff.models import Staff

LAST = 20


def years_open() -> list[int]:
    """課税年度 whose papers may be entered: those whose rules are built, newest first."""
    return sorted(PIPELINES, reverse=True)


def current_year() -> int:
    """The 課税年度 of the business day: papers of the year before come in from January on."""
    return clock.today().year


def entries_of(staff: Staff) -> list[PaperEntry]:
    """What this officer entered last, newest first."""
    return list(
        PaperEntry.objects.filter(entered_by=staff, document__isnull=False).select_related("document")[:LAST]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BundleProgress:
    """束の進み: how many papers each turn has keyed, and what became of them."""

    bundle: EntryBundle
    first_keyed: int
    second_keyed: int
    agreed: int
    differs: int
    unreadable: int

    @property
    def settled(self) -> int:
        """Papers that need nothing more."""
        return self.agreed + self.unreadable


def bundles_progress(bundles: QuerySet[EntryBundle] | None = None, *, limit: int = 200) -> list[BundleProgress]:
    """Bundles with their progress, the open ones first; three queries."""
    found = list((EntryBundle.objects.all() if bundles is None else bundles).select_related(
        "first_keyer", "second_keyer", "ledger_row"
    ).order_by(F("closed_at").desc(nulls_first=True), "-made_at")[:limit])  # fmt: skip
    keyed: Counter[tuple[int, int]] = Counter()
    turns = (
        Keying.objects.filter(paper__bundle__in=found)
        .order_by()
        .values_list("paper__bundle", "turn")
        .annotate(Count("pk"))
    )
    for bundle_id, turn, number in turns:
        keyed[bundle_id, turn] = number
    states: Counter[tuple[int, str]] = Counter()
    papers = (
        BundlePaper.objects.filter(bundle__in=found).order_by().values_list("bundle", "state").annotate(Count("pk"))
    )
    for bundle_id, state, number in papers:
        states[bundle_id, state] = number
    return [
        BundleProgress(
            one, keyed[one.pk, 1], keyed[one.pk, 2], states[one.pk, PaperState.AGREED],
            states[one.pk, PaperState.DIFFERS], states[one.pk, PaperState.UNREADABLE],
        )
        for one in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnBundle:
    """A bundle as its keyer sees it: the own progress alone, nothing of the other's."""

    bundle: EntryBundle
    keyed: int

    @property
    def left(self) -> int:
        """Papers still to key."""
        return self.bundle.paper_count - self.keyed


def own_bundles(staff: Staff) -> list[OwnBundle]:
    """Bundles that this person keys, those with papers left first."""
    rows = (
        EntryBundle.objects.filter(Q(first_keyer=staff) | Q(second_keyer=staff))
        .annotate(keyed=Count("papers__keyings", filter=Q(papers__keyings__keyed_by=staff)))
        .order_by("-made_at")[:LAST]
    )
    found = [OwnBundle(row, row.keyed) for row in rows]
    return sorted(found, key=lambda one: one.left == 0)


def papers_left(staff: Staff) -> int:
    """How many papers wait for this person's keyboard."""
    return sum(one.left for one in own_bundles(staff))


def next_paper(bundle: EntryBundle, staff: Staff) -> BundlePaper | None:
    """The next paper of the stack that this person has not keyed; None when all are."""
    return bundle.papers.exclude(keyings__keyed_by=staff).order_by("seq").first()


def differences_count() -> int:
    """How many papers wait for a third person."""
    return BundlePaper.objects.filter(state=PaperState.DIFFERS).count()
