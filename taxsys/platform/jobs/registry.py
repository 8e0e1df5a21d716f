"""All declared jobs: the `JOBS` tuples of each installed app's `jobs.py`, read once at first use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings

from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.errors import JobUnknown

_extra: dict[str, Job] = {}


def _modules() -> Iterator[str]:
    """Names of the `jobs` modules of each app and of the packages directly inside it (a tax package)."""
    for config in apps.get_app_configs():
        if not Path(config.path).is_relative_to(settings.BASE_DIR):
            continue  # only the house's own apps declare jobs
        root = Path(config.path)
        inner = sorted(folder.name for folder in root.iterdir() if (folder / "__init__.py").is_file())
        for package, folder in ((config.name, root), *((f"{config.name}.{name}", root / name) for name in inner)):
            if (folder / "jobs.py").is_file() or (folder / "jobs" / "__init__.py").is_file():
                yield f"{package}.jobs"


@cache
def _discovered() -> dict[str, Job]:
    found: dict[str, Job] = {}
    for name in _modules():
        for job in getattr(import_module(name), "JOBS", ()):
            if found.get(job.id, job) is not job:
                raise ValueError(f"job {job.id} declared twice: {found[job.id].app}, {job.app}")
            found[job.id] = job
    for job in found.values():
        for done in job.requires:
            if done.job_id not in found:
                raise ValueError(f"{job.id} requires the unknown job {done.job_id}")
    return dict(sorted(found.items()))


def declared_jobs() -> tuple[Job, ...]:
    """The jobs of the installed apps, by id: what documents speak of."""
    return tuple(_discovered().values())


def all_jobs() -> tuple[Job, ...]:
    """Every job, by id: the declared ones and those added by `register`."""
    return tuple(job for _, job in sorted({**_discovered(), **_extra}.items()))


def get(job_id: str) -> Job:
    """The job of this id. Raises JobUnknown."""
    job = _extra.get(job_id) or _discovered().get(job_id)
    if job is None:
        raise JobUnknown("J-UNKNOWN", f"バッチ {job_id} は登録されていません。一覧は manage.py job list で。")
    return job


def register(job: Job) -> None:
    """Add a job outside any app's `jobs.py` (tests, plug-ins)."""
    _extra[job.id] = job
