"""通知の対象 (who must be told): decisions in force, against what the live packages have told already.

A person is told when nothing was told yet, or when the tax collected in the way of that paper differs from what was
told last. A correction may leave past instalments as they are and put the difference elsewhere, so the books' own
changes (`LevyChange`) count beside the shares of the decisions. A recalled package counts as not told; so does one of
the same business key, which is being made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from assessment.models import CollectionShare, Decision, LevyChange, RunState
from taxsys.platform.printing.models import PackageState, PrintSubject

TAX_KIND = "10"


class Share(NamedTuple):
    """徴収区分ごとの税額 (one way of collecting a decision's tax), yen."""

    method: str
    city_yen: int
    prefecture_yen: int
    forest_yen: int
    total_yen: int
    instalments: tuple[int, ...]
    withholder_id: int | None
    employee_no: str


@dataclass(frozen=True, slots=True)
class Standing:
    """通知の状況 of one person: the decision in force, the one told last (None: none), and the shares of both.

    `moved_yen`: by stream (method, notice or designation number), what corrections since then have added or taken.
    """

    now: Decision
    told: Decision | None
    shares: tuple[Share, ...]
    told_shares: tuple[Share, ...]
    moved_yen: Mapping[tuple[str, str], int]

    @property
    def reference(self) -> str:
        """通知の内容: notice number and version, as the package remembers it."""
        return reference_of(self.now)


def reference_of(decision: Decision) -> str:
    """What a piece tells of a decision: its notice number and version."""
    return f"{decision.notice_no}:{decision.version}"


def standings(
    tax_year: int,
    *,
    kind: str,
    methods: Collection[str],
    own_key: str = "",
    notice_nos: Collection[str] | None = None,
    party_ids: Collection[UUID] | None = None,
    only_before: bool = False,
) -> list[Standing]:
    """Everybody (or those asked for) with a decision in force, by notice number; shares of these methods only.

    `only_before`: what was told of the decision in force itself does not count (the preview shows it as it was sent).
    """
    some = Q()
    if notice_nos is not None:
        some = Q(notice_no__in=notice_nos)
    elif party_ids is not None:
        some = Q(party_id__in=party_ids)
    decisions = list(
        Decision.objects.filter(some, tax_kind=TAX_KIND, tax_year=tax_year)
        .select_related("run")
        .order_by("notice_no", "version")
    )
    now = {one.party_id: one for one in decisions if one.run.state == RunState.RELEASED}
    everybody = None if notice_nos is None and party_ids is None else {str(party) for party in now}
    told_references = _told(tax_year, kind=kind, own_key=own_key, subject_keys=everybody)
    told = {
        one.party_id: one
        for one in decisions
        if reference_of(one) in told_references
        and not (only_before and one.party_id in now and one.version >= now[one.party_id].version)
    }
    shares = _shares({*now.values(), *told.values()}, methods)
    since = {
        (one.run_id, one.party_id)
        for one in decisions
        if one.party_id in now and (one.party_id not in told or one.version > told[one.party_id].version)
    }
    moved = _moved(since, methods)
    return [
        Standing(
            one,
            told.get(one.party_id),
            shares.get((one.run_id, one.party_id), ()),
            shares.get((told[one.party_id].run_id, one.party_id), ()) if one.party_id in told else (),
            moved.get(one.party_id, {}),
        )
        for one in now.values()
    ]


def _moved(
    since: Collection[tuple[int, UUID]], methods: Collection[str]
) -> Mapping[UUID, Mapping[tuple[str, str], int]]:
    rows = LevyChange.objects.filter(run_id__in={run for run, _ in since}, method__in=methods)
    found: dict[UUID, dict[tuple[str, str], int]] = {}
    columns = ("city_yen", "prefecture_yen", "forest_yen", "city_before_yen", "prefecture_before_yen")
    for run, party, method, number, *yen in rows.values_list(
        "run_id", "party_id", "method", "notice_no", *columns, "forest_before_yen"
    ):
        if (run, party) in since:
            streams = found.setdefault(party, {})
            streams[(method, number)] = streams.get((method, number), 0) + sum(yen[:3]) - sum(yen[3:])
    return found


def _told(tax_year: int, *, kind: str, own_key: str, subject_keys: Collection[str] | None) -> set[str]:
    rows = (
        PrintSubject.objects.filter(package__kind=kind, package__business_key__startswith=f"{TAX_KIND}:{tax_year}:")
        .exclude(package__state=PackageState.RECALLED)
        .exclude(package__business_key=own_key)
    )
    if subject_keys is not None:
        rows = rows.filter(subject_key__in=subject_keys)
    return set(rows.values_list("reference", flat=True))


def _shares(decisions: Collection[Decision], methods: Collection[str]) -> Mapping[tuple[int, UUID], tuple[Share, ...]]:
    wanted = {(one.run_id, one.party_id) for one in decisions}
    rows = CollectionShare.objects.filter(
        run_id__in={run for run, _ in wanted}, party_id__in={party for _, party in wanted}, method__in=methods
    )
    found: dict[tuple[int, UUID], tuple[Share, ...]] = {}
    columns = ("method", "city_yen", "prefecture_yen", "forest_yen", "total_yen", "instalments", "withholder_id")
    for run, party, *rest in rows.order_by("method").values_list("run_id", "party_id", *columns, "employee_no"):
        if (run, party) in wanted:
            method, city, prefecture, forest, total, instalments, withholder, employee_no = rest
            share = Share(method, city, prefecture, forest, total, tuple(instalments), withholder, employee_no)
            found[(run, party)] = (*found.get((run, party), ()), share)
    return found
