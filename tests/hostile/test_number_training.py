"""Whoever was not trained within twelve months does nothing with numbers, by whatever function (N-110, H067)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from addressbook.access import number_use
from addressbook.errors import PartyAccessDenied
from taxsys.platform.approvals import registry as approvals
from taxsys.platform.approvals.errors import NotEntitled
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.errors import JobForbidden
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.jobs.services import job_request
from taxsys.platform.staff.access import declared_permission, has_permission, is_rest
from taxsys.platform.staff.catalogue import Permission, catalogue
from tests.addressbook.conftest import full_context
from tests.addressbook.people import TODAY
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TRAINED_ON = date(TODAY.year - 1, TODAY.month, TODAY.day)
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000001", "int": "1", "str": "x", "slug": "x", "path": "x"}


def number_permissions() -> list[Permission]:
    return [one for one in catalogue().values() if one.risk == "number"]


def number_pages(resolver: URLResolver | None = None, head: str = "/") -> Iterator[tuple[str, str]]:
    """(name, an address) of every page whose permission is for numbers."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = head + re.sub(
            r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "x"), str(entry.pattern)
        )
        if isinstance(entry, URLResolver):
            yield from number_pages(entry, route)
        elif isinstance(entry, URLPattern):
            permission = declared_permission(entry.callback)
            if permission is not None and permission.risk == "number" and not is_rest(entry.callback):
                yield entry.name or "", route


@pytest.fixture
def untrained(settings: Any) -> Any:
    """An officer with every right on numbers, trained a year ago to the day."""
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    return officer("5001", permissions=number_permissions(), trained_on=TRAINED_ON)


def test_there_are_pages_of_numbers_in_more_than_one_duty() -> None:
    names = dict(number_pages())
    assert {"party-number", "party-number-reveal", "party-number-new", "number-search", "number-entries",
            "number-file", "number-file-draw", "number-file-check"} <= set(names)  # fmt: skip


def test_every_page_of_numbers_refuses_an_untrained_officer_and_records_it(untrained: Any) -> None:
    client = sign_in(Client(), untrained)
    for name, address in number_pages():
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 403, name
            assert "研修" in answer.content.decode(), name
    refused = AccessEvent.objects.filter(actor_id="5001", result="denied", reason__contains="training")
    assert refused.count() == 2 * len(dict(number_pages()))
    assert not AccessEvent.objects.filter(record_type__startswith="vault.").exists()


def test_no_number_right_is_left_the_day_the_training_ends_and_all_are_there_the_day_before(untrained: Any) -> None:
    for permission in number_permissions():
        assert not has_permission(untrained, permission, on=TODAY), permission.code
        assert has_permission(untrained, permission, on=TODAY - timedelta(days=1)), permission.code


def test_the_door_to_the_vault_refuses_behind_the_pages_too(untrained: Any) -> None:
    for permission in number_permissions():
        if not permission.legal_base:
            continue
        door = number_use(permission, purpose="試験", staff=untrained)
        with using(full_context()), pytest.raises(PartyAccessDenied):
            door.__enter__()


def test_no_job_with_numbers_is_asked_for_and_no_proposal_about_numbers_decided(untrained: Any) -> None:
    rights = {one.code for one in number_permissions()}
    jobs = [job for job in all_jobs() if str(job.permission) in rights]
    assert {"B-AB-01", "B-AB-03", "B-AB-05", "B-AB-10"} <= {job.id for job in jobs}
    for job in jobs:
        values = {param.name: {"int": 1, "date": "2026-11-20"}.get(param.kind, "x") for param in job.params}
        with pytest.raises(JobForbidden):
            job_request(job.id, values, actor=untrained, business_on=TODAY)
    kinds = [kind for kind in approvals.all_kinds() if kind.permission in rights]
    assert {"addressbook.number", "addressbook.number_file"} <= {kind.kind for kind in kinds}
    other = officer("5002")
    for kind in kinds:
        proposal = Approval.objects.create(
            kind=kind.kind, subject_key=SAMPLES["uuid"], title_ja="試験", content={}, content_hash="x" * 64,
            proposed_by=other,
            proposed_unit_code=other.unit_on().code,
        )  # fmt: skip
        with pytest.raises(NotEntitled):
            approval_decide(proposal.pk, decision="approve", actor=untrained)
