"""A job of the refund desk whose worker is killed between its commits, resumed, and compared with the calm run."""

from collections.abc import Callable

from taxsys.platform import clock
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import _start, job_request
from tests.collection.payouts import scene
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot


def survives(
    shop: Workshop,
    job_id: str,
    params: dict[str, object],
    result: Callable[[], object],
    before: Callable[[], None] = lambda: None,
) -> int:
    """Kill the job at every sixth boundary; answers how often it was killed. `result` is what it has done."""

    def start() -> int:
        before()
        actor = scene.clerk()
        run = job_request(job_id, params, actor=actor, business_on=clock.today())
        _start(run.pk, actor)
        return run.pk

    snapshot = Snapshot(job_id.replace("-", "_").lower())
    try:
        return survives_every_kill(
            shop,
            start=start,
            result=lambda run_id: (JobRun.objects.get(pk=run_id).state, result()),
            reset=snapshot.restore,
            points=range(2, 200, 6),
        )
    finally:
        snapshot.drop()
