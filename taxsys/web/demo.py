"""実演: one city's resident-tax year, from the files that arrive to released decisions, each step a job.

The synthetic city writes its files; everything else is the system's own work through its jobs. Two demonstration
accounts share the duty: one asks for a run, the other lets it go.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Sum

from addressbook.models import Party
from assessment.models import AssessmentRun, Decision, RunKind, SourceDocument, SourceState
from collection.models import Charge
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityDeliveries, CityFile, resident_files
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline, job_start
from taxsys.platform.staff.models import Staff

IMPORT_JOBS = {
    "local_juki_ido": "B-AB-01",
    "local_shien_sochi": "B-AB-02",
    "local_soukatsu_17": "B-PI-03-S",
    "kyuho_315": "B-PI-03",
    "nenpo_331": "B-PI-04",
    "koa020": "B-PI-05",
    "local_onestop_tsuchi": "B-PI-09",
}
TAX_YEAR = 2026


class DemoStopped(Exception):
    """A step of the demonstration did not end as it should; the message is for the console."""


@dataclass(slots=True)
class Demo:
    """One walk through the year. `say` prints a line; `inline` works without Celery (tests)."""

    size: int
    seed: int
    clerk: Staff
    chief: Staff
    say: Callable[[str], None]
    inline: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Everything that the year has so far: register, papers, two cuts with release, proof of the ledger."""
        with self._timed("合成都市"):
            deliveries = CityDeliveries(CityEconomy(CityPeople(size=self.size, seed=self.seed, tax_year=TAX_YEAR)))
            spring = [*resident_files(deliveries.people), *deliveries.spring_files()]
            late = list(deliveries.late_files())
        with self._timed("取込"):
            self._take_in(sorted(spring, key=lambda one: one.arrives_on))
        with self._timed("賦課期日"):
            self._job("B-PI-01", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 4, 30))
        with self._timed("当初課税(給与特別徴収)"):
            self._assess(RunKind.INITIAL_WAGE, date(TAX_YEAR, 5, 8), date(TAX_YEAR, 5, 10))
        with self._timed("取込"):
            self._take_in(late)
        with self._timed("当初課税(普通徴収・年金)"):
            self._assess(RunKind.INITIAL_ORDINARY, date(TAX_YEAR, 6, 1), date(TAX_YEAR, 6, 3))
        with self._timed("元帳の証明"):
            if not prove_ledger().is_ok:
                raise DemoStopped("元帳の証明に差異があります。manage.py prove ledger で確かめてください。")

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def _take_in(self, files: Iterable[CityFile]) -> None:
        for one in files:
            with clock.at(one.arrives_on), using(self._context()):
                received = file_receive(
                    name=one.name,
                    content=one.content,
                    format=f"{one.format}/{one.edition}",
                    sender=one.sender,
                    channel=one.channel,
                )
            self._job(IMPORT_JOBS[one.format], {"file": str(received.pk)}, one.arrives_on)

    def _context(self) -> AccessContext:
        return AccessContext(
            actor_kind="staff",
            actor_id=self.clerk.staff_no,
            function_id="F-PI-003",
            legal_base="番号法9条1項・別表24",
            purpose="課税資料の受付",
            request_id="demo",
        )

    def _assess(self, kind: str, until: date, day: date) -> None:
        params = {"tax_year": TAX_YEAR, "mode": kind, "documents_until": until.isoformat()}
        run = self._job("B-PI-13", params, day)
        job_release(run.pk, self.chief, inline=self.inline)
        self._wait(run.pk, {RunState.RELEASED})

    def _job(self, job_id: str, params: dict[str, object], day: date) -> JobRun:
        run = job_request(job_id, params, actor=self.clerk, business_on=day)
        if self.inline:
            job_run_inline(run.pk, actor=self.clerk, raise_errors=True)
        else:
            job_start(run.pk, actor=self.clerk)
        run = self._wait(run.pk, {RunState.FINISHED})
        self.say(f"  {day} {job_id} {registry.get(job_id).name_ja}")
        return run

    def _wait(self, run_id: int, wanted: set[str]) -> JobRun:
        while True:
            run = JobRun.objects.get(pk=run_id)
            if run.state in wanted:
                return run
            if run.state in {RunState.FAILED, RunState.STOPPED, RunState.DISCARDED}:
                raise DemoStopped(f"{run.job_id} が「{run.get_state_display()}」で止まりました: {run.message}")
            time.sleep(0.05)

    def summary(self) -> list[tuple[str, str]]:
        """(what, figure) pairs of the table at the end."""
        documents = SourceDocument.objects.filter(tax_year=TAX_YEAR)
        decided = Decision.objects.filter(tax_year=TAX_YEAR)
        billed = Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"] or 0
        rows = [
            ("受領ファイル", f"{ReceivedFile.objects.count():,}件"),
            ("宛名", f"{Party.objects.count():,}件"),
            ("課税資料", f"{documents.count():,}件"),
            ("突合済", f"{documents.filter(party__isnull=False).count():,}件"),
            ("突合不能", f"{documents.filter(state=SourceState.UNMATCHED).count():,}件"),
            ("課税計算", f"{AssessmentRun.objects.count():,}回"),
            ("賦課決定", f"{decided.count():,}件"),
            ("調定(期別)", f"{Charge.objects.count():,}件 {billed:,}円"),
        ]
        return rows + [(f"所要 {name}", f"{seconds:.1f}秒") for name, seconds in self.seconds.items()]
