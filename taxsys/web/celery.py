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
