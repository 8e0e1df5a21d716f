"""The walker of the demonstration: accounts, simulated days, jobs asked for, waited for and released.

The synthetic city writes its files; everything else is the system's own work through its jobs. Demonstration accounts
share the duty: one asks for a run, another lets it go.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

from taxsys.city.deliveries import CityDeliveries, CityFile
from taxsys.city.economy import CityEconomy
from taxsys.city.people import CityPeople
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline, job_start
from taxsys.platform.staff.models import Staff

TAX_YEAR = 2026
MUNICIPALITY = "012041"


@cache
def city_deliveries(size: int, seed: int) -> CityDeliveries:
    """The synthetic city of this size and seed and what it sends; made once, without any database."""
    return CityDeliveries(CityEconomy(CityPeople(size=size, seed=seed, tax_year=TAX_YEAR)))


class DemoStopped(Exception):
    """A step of the demonstration did not end as it should; the message is for the console."""


@dataclass(slots=False)
class Demo:
    """One walk through the year. `say` prints a line; `inline` works without Celery (tests).

    `seconds` and `records` gather by stage name what the closing table shows. `notes` carries what one step leaves for
    a later one (the city's view of its slips, say), never anything of the system itself.
    """

    size: int
    seed: int
    clerk: Staff
    chief: Staff
    cashier: Staff
    cashier_chief: Staff
    say: Callable[[str], None]
    inline: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    notes: dict[str, object] = field(default_factory=dict)

    @cached_property
    def deliveries(self) -> CityDeliveries:
        """What the city sends."""
        return city_deliveries(self.size, self.seed)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the seconds of the block to the stage `name`."""
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def handled(self, name: str, records: int) -> None:
        """Add to the number of records that the stage `name` has worked on."""
        self.records[name] = self.records.get(name, 0) + records

    @contextmanager
    def desk(self, day: date, *, who: Staff | None = None, function_id: str = "F-PI-003") -> Iterator[None]:
        """Act as an officer (default: the clerk) at the desk on a simulated day."""
        context = AccessContext(
            actor_kind="staff",
            actor_id=(who or self.clerk).staff_no,
            unit_code=(who or self.clerk).unit_on(day).code,
            function_id=function_id,
            legal_base="番号法9条1項・別表24",
            purpose="実演",
            request_id="demo",
        )
        with clock.at(day), using(context):
            yield

    def receive(self, one: CityFile) -> str:
        """Take a file in; the key of its receipt."""
        with self.desk(one.arrives_on):
            received = file_receive(
                name=one.name,
                content=one.content,
                format=f"{one.format}/{one.edition}",
                sender=one.sender,
                channel=one.channel,
                manifest=one.manifest,
            )
        return str(received.pk)

    def take_in(self, files: Iterable[CityFile], jobs: Mapping[str, str]) -> None:
        """Take files in and run the job of each format on its day of arrival."""
        for one in files:
            self.job(jobs[one.format], {"file": self.receive(one)}, one.arrives_on)

    def job(self, job_id: str, params: Mapping[str, object], day: date, *, who: Staff | None = None) -> JobRun:
        """Ask for a run, start it and wait until it is finished."""
        actor = who or (self.cashier if job_id.startswith("B-CL") else self.clerk)
        run = job_request(job_id, params, actor=actor, business_on=day)
        if self.inline:
            job_run_inline(run.pk, actor=actor, raise_errors=True)
        else:
            job_start(run.pk, actor=actor)
        run = self._wait(run.pk, {RunState.FINISHED})
        self.say(f"  {day} {job_id} {registry.get(job_id).name_ja}")
        return run

    def release(self, run: JobRun, *, who: Staff | None = None) -> JobRun:
        """A second person lets the outputs of a run go."""
        job_release(run.pk, who or self.chief, inline=self.inline)
        return self._wait(run.pk, {RunState.RELEASED})

    def _wait(self, run_id: int, wanted: set[str]) -> JobRun:
        while True:
            run = JobRun.objects.get(pk=run_id)
            if run.state in wanted:
                return run
            if run.state in {RunState.FAILED, RunState.STOPPED, RunState.DISCARDED}:
                raise DemoStopped(f"{run.job_id} が「{run.get_state_display()}」で止まりました: {run.message}")
            time.sleep(0.05)
