"""People and workers of the job tests."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import tests.jobs.toy  # noqa: F401 - declares the toy jobs
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, job_request
from tests.jobs.kill import Workshop


@dataclass(frozen=True)
class Person:
    staff_no: str
    name: str


SATO = Person("S0001", "佐藤")
SUZUKI = Person("S0002", "鈴木")


@pytest.fixture
def everyone_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxsys.platform.jobs.services.has_permission", lambda staff, permission: True)


@pytest.fixture
def workshop(transactional_db: None) -> Iterator[Workshop]:
    with Workshop(modules=("tests.jobs.toy",), discover=False) as shop:
        yield shop


def toy_run(job_id: str = "B-TEST-1", **params: object) -> JobRun:
    return job_request(job_id, params, actor=SYSTEM)
