"""The Celery application. Thin: a message says "look at run N"; everything else is a row in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taxsys.settings.embedded")
app = Celery("taxsys")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Tasks live with the job runner alone; the import contracts keep Celery out of every duty.
app.autodiscover_tasks(["taxsys.platform.jobs"])


@app.task(name="web.tick", ignore_result=True)
def tick() -> int:
    """The scheduler's pulse: plan, start what is due, sweep. Answers the number of runs started."""
    from taxsys.platform.jobs.schedule import tick as jobs_tick

    return jobs_tick()


@app.task(name="web.seal", ignore_result=True)
def seal() -> int:
    """Seal what waits in the access log, and sign yesterday's head. Answers the number of events sealed."""
    from taxsys.platform.audit.sealing import seal_pending
    from taxsys.platform.audit.signing import yesterday_sign

    sealed = seal_pending(most=100)
    yesterday_sign()
    return sealed
