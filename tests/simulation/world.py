"""The city and its office: parties, officers, files that arrive; every act of the product goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from addressbook.models import Party
from collection.errors import CollectionError
from collection.models import Charge, DebitMandate
from collection.services.masters import tax_kinds_apply
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FilesError
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from tests.jobs.kill import leases_expire
from tests.platform.actors import officer
from tests.simulation.crash import Crash, dying_at
from tests.simulation.model import Books, Refused, Report
from tests.simulation.refunds import Refund

REFUSALS = (CollectionError, ApprovalError, FilesError)
DESK = AccessContext(
    actor_kind="staff", actor_id="5001", function_id="F-RF-013", legal_base="地方税法17条", purpose="模擬運用",
    request_id="simulation",
)  # fmt: skip


class Differs(AssertionError):
    """The product and the model do not agree."""


@dataclass
class World:
    """One simulated city: the product's database beside the model's books, and what is on its way from outside."""

    seed: int
    tag: str
    today: date = date(2025, 6, 1)
    books: Books = field(default_factory=Books)
    parties: dict[str, UUID] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)
    mail: dict[str, list[tuple[date, dict[str, Any], Report]]] = field(default_factory=dict)
    mandates: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    debits: dict[str, list[Any]] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    approvals: dict[str, Any] = field(default_factory=dict)
    serial: int = 0
    crash_share: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def by_text(self) -> dict[str, str]:
        """Names by the text of the party's id, as keys of accounts have it."""
        return {str(pk): name for pk, name in self.names.items()}

    def touched(self) -> list[str]:
        """Parties on whose claims something has moved since this was asked last."""
        out = set()
        for claim in self.books.claims.values():
            state = hash((claim.parts, tuple(claim.open.values()), len(claim.moves), len(claim.reliefs)))
            if self.seen.get(claim.key) != state:
                self.seen[claim.key] = state
                out.add(claim.party)
        return sorted(out)

    def number(self) -> int:
        """The next number of anything."""
        self.serial += 1
        return self.serial

    # --- setting up -----------------------------------------------------------------------------------------------

    def open(self, residents: int, employers: int, pensioners: int) -> None:
        """Officers, parties, mandates of a third of the residents."""
        tax_kinds_apply()
        rights = ["collection.work_refund", "approvals.view_queue"]
        self.clerk = officer("5001", permissions=rights, unit_name="納税管理課")
        chief = ["collection.approve_refund", "approvals.view_queue", "collection.release_debit"]
        self.chief = officer("5002", permissions=[*chief, "collection.release_refund"], unit_name="納税管理課")
        kinds = (("R", residents, "resident"), ("E", employers, "corporation"), ("P", pensioners, "resident"))
        for letter, count, kind in kinds:
            for number in range(1, count + 1):
                self._party(f"{letter}{number}", kind)
        for name in list(self.parties)[: residents // 3]:
            self._mandate(name)

    def _party(self, name: str, kind: str) -> None:
        one = Party.objects.create(
            person_no=f"{self.tag}{name[0]}{int(name[1:]):08d}", kind=kind, name=f"模擬 {name}", recorded_at=clock.now()
        )
        self.parties[name], self.names[one.pk] = one.pk, name

    def _mandate(self, name: str) -> None:
        self.mandates.add(name)
        DebitMandate.objects.create(
            mandate_no=f"{self.tag}M{name}", party_id=self.parties[name], tax_kind_id="10", bank_code="0001",
            branch_code="001", account_type="1", account_number=f"{len(self.mandates):07d}", holder_kana="ﾓｷﾞ",
            valid_from=date(2025, 4, 1),
        )  # fmt: skip

    # --- acting ---------------------------------------------------------------------------------------------------

    @contextmanager
    def desk(self) -> Any:
        """At the office on the simulated day."""
        with clock.at(self.today), using(DESK):
            yield

    def both(self, product: Callable[[], Any], model: Callable[[], Any], rng: Random, *, again: bool = False) -> Any:
        """One act on both sides: refused by both or done by both; now and then the process dies and it is done anew.

        `again`: the act carries a key of its own, so that doing it twice is doing it once.
        """
        expected = ""
        try:
            answer = model()
        except Refused as refusal:
            expected, answer = str(refusal) or "refused", None
        try:
            given = self.surviving(product, rng, again=again)
        except REFUSALS as refusal:
            if not expected:
                raise Differs(f"the product refuses what must be done: {refusal}") from refusal
            self.counts["refused"] = self.counts.get("refused", 0) + 1
            return None
        if expected:
            raise Differs(f"the product does what must be refused ({expected})")
        return given if given is not None else answer

    def surviving(self, act: Callable[[], Any], rng: Random, *, again: bool = False) -> Any:
        """Do the act; with the seed's share of crashes it dies at some statement first, or is called a second time."""
        draw = Random(rng.random())
        if draw.random() < self.crash_share:
            self.counts["crashes"] = self.counts.get("crashes", 0) + 1
            try:
                with self.desk(), dying_at(draw.randint(1, 60)):
                    given = act()
            except Crash:
                pass
            else:
                # It came to its end before its time: the caller has heard nothing and asks again if that is harmless.
                return act_again(self, act) if again else given
        with self.desk():
            return act()

    def job(self, job_id: str, params: Mapping[str, object], rng: Random) -> JobRun:
        """Run a job to its end, through deaths of its worker."""
        with self.desk():
            run = job_request(job_id, params, actor=SYSTEM, business_on=self.today)

        def work() -> JobRun:
            leases_expire()
            return job_run_inline(run.pk)

        self.surviving(work, rng)
        run.refresh_from_db()
        if run.state not in (RunState.FINISHED, RunState.RELEASED):
            raise Differs(f"{job_id} ends as {run.state}: {run.message}")
        self.counts["jobs"] = self.counts.get("jobs", 0) + 1
        return run

    def file(self, job_id: str, layout: str, records: Sequence[Mapping[str, Any]] | bytes, rng: Random) -> ReceivedFile:
        """A file arrives and its job takes it in."""
        content = records if isinstance(records, bytes) else layouts.get(layout).write(list(records))
        with self.desk():
            received = file_receive(
                name=f"{layout}_{self.today:%Y%m%d}_{self.number()}.txt", content=content, format=layout,
                sender="模擬", channel="line",
            )  # fmt: skip
        self.job(job_id, {"file": str(received.pk)}, rng)
        received.refresh_from_db()
        return received

    def remember(self, keys: Iterable[str]) -> None:
        """Charge ids of claims that have come into being."""
        notices = {key.split("|")[4] for key in keys if key not in self.charges}
        for charge in Charge.objects.filter(notice_no__in=notices):
            self.charges[charge.business_key] = charge.pk


def act_again(world: World, act: Callable[[], Any]) -> Any:
    """The same request once more."""
    with world.desk():
        return act()
