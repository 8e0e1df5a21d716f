"""実演: one city's resident-tax year, from the files that arrive to released decisions, each step a job.

The synthetic city writes its files; everything else is the system's own work through its jobs. Two demonstration
accounts share the duty: one asks for a run, the other lets it go.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.db.models import Sum

from addressbook.models import Party
from assessment.models import AssessmentRun, Decision, RunKind, SourceDocument, SourceState
from collection.models import Charge, Overpayment, Receipt, Slip, Suspense
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityDeliveries, CityFile, resident_files
from taxsys.city.economy import CityEconomy
from taxsys.city.payments import SlipSeen, convenience_records, payments_of, portal_records
from taxsys.city.people import CityPeople
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
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
    "cvs_csv": "B-CL-10",
    "local_kyotsu_nofu_result": "B-CL-11",
}
SLIP_LIST = "local_kyotsu_nofu_slip"
MUNICIPALITY = "012041"
# 税目・料金番号 of the withholders' monthly slips.
WAGE_ITEMS = frozenset({"011"})
TAX_YEAR = 2026
SETTLEMENT_DAYS = tuple(date(TAX_YEAR, month, day) for month, day in (
    (6, 9), (7, 15), (8, 15), (9, 15), (10, 15), (11, 20),
))  # fmt: skip


class DemoStopped(Exception):
    """A step of the demonstration did not end as it should; the message is for the console."""


@dataclass(slots=True)
class Demo:
    """One walk through the year. `say` prints a line; `inline` works without Celery (tests)."""

    size: int
    seed: int
    clerk: Staff
    chief: Staff
    cashier: Staff
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
            self._job("B-PI-10", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 4, 30))
        with self._timed("当初課税(給与特別徴収)"):
            self._assess(RunKind.INITIAL_WAGE, date(TAX_YEAR, 5, 8), date(TAX_YEAR, 5, 10))
        with self._timed("取込"):
            self._take_in(late)
            self._job("B-PI-10", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 6, 1))
        with self._timed("当初課税(普通徴収・年金)"):
            self._assess(RunKind.INITIAL_ORDINARY, date(TAX_YEAR, 6, 1), date(TAX_YEAR, 6, 3))
        with self._timed("納付書"):
            slips = self._issue_slips(date(TAX_YEAR, 6, 8))
        with self._timed("収納"):
            self._collect(slips)
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

    def _issue_slips(self, day: date) -> list[SlipSeen]:
        """Slips of every method; what the city sees of them is the list that went out."""
        seen: list[SlipSeen] = []
        for method in ("ordinary", "wage"):
            self._job("B-CL-14", {"tax_year": TAX_YEAR, "method": method}, day)
        for issued in OutgoingFile.objects.filter(kind=SLIP_LIST).order_by("name"):
            records = layouts.get(SLIP_LIST).parse(issued.open_bytes()).records
            seen += [SlipSeen.from_record(record.values, withholder_item_codes=WAGE_ITEMS) for record in records]
        return seen

    def _collect(self, slips: list[SlipSeen]) -> None:
        """Money comes back month by month until the business day of the demonstration."""
        payments = list(payments_of(slips, seed=self.seed))
        for since, until in pairwise(SETTLEMENT_DAYS):
            stores = list(convenience_records(payments, since=since, until=until))
            portal = list(portal_records(payments, municipality_code=MUNICIPALITY, since=since, until=until))
            for layout, records, sender in (
                ("cvs_csv", stores, "収納代行"),
                ("local_kyotsu_nofu_result", portal, "地方税共同機構"),
            ):
                if records:
                    chosen = layouts.get(layout)
                    name = f"{layout}_{until:%Y%m%d}.csv"
                    self._take_in(
                        [CityFile(name, layout, chosen.edition, sender, "bank", until, chosen.write(records))]
                    )

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
        who = self.cashier if job_id.startswith("B-CL") else self.clerk
        run = job_request(job_id, params, actor=who, business_on=day)
        if self.inline:
            job_run_inline(run.pk, actor=who, raise_errors=True)
        else:
            job_start(run.pk, actor=who)
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
        paid = Receipt.objects.filter(state="confirmed").aggregate(yen=Sum("amount_yen"))["yen"] or 0
        rows += [
            ("納付書", f"{Slip.objects.count():,}枚"),
            ("収納", f"{Receipt.objects.count():,}件 {paid:,}円"),
            ("仮受(不明金)", f"{Suspense.objects.count():,}件"),
            ("過誤納", f"{Overpayment.objects.count():,}件"),
        ]
        return rows + [(f"所要 {name}", f"{seconds:.1f}秒") for name, seconds in self.seconds.items()]
