"""The log of seven years ago goes seal by seal; what comes after still verifies (R-230, H088)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from taxsys.platform import clock
from taxsys.platform.audit import sealing
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent, Seal, SealLeaves
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.audit.services import AccessRow, access_record_many
from taxsys.platform.audit.signing import signer
from taxsys.platform.audit.verifying import verify_log
from tests.retention.people import SOMEBODY, candidates, erased

pytestmark = pytest.mark.django_db(transaction=True)
EIGHT_YEARS = timedelta(days=8 * 366)


def tamper(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


@pytest.fixture
def sealed_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seals of eight years ago, one of today."""
    real: Any = clock.now

    def past() -> datetime:
        return real() - EIGHT_YEARS

    with using(SOMEBODY):
        monkeypatch.setattr(sealing.clock, "now", past)
        for _ in range(2):
            access_record_many([AccessRow(action="view", subjects=["p1"])])
            assert seal_pending() == 1
        monkeypatch.setattr(sealing.clock, "now", real)
        access_record_many([AccessRow(action="view", subjects=["p2"])])
        assert seal_pending() == 1


def faults() -> list[str]:
    return verify_log(public=signer().public).faults


@pytest.mark.req("R-230")
@pytest.mark.usefixtures("sealed_long_ago")
def test_events_of_the_last_seven_years_are_no_candidates() -> None:
    target = candidates("audit.events")
    assert (target.planned, target.first_key, target.last_key) == (2, "1", "2")


@pytest.mark.req("R-230")
@pytest.mark.req("R-190")
@pytest.mark.usefixtures("sealed_long_ago")
def test_after_the_erasure_the_chain_verifies_from_the_first_seal_on() -> None:
    erased("audit.events")
    assert not AccessEvent.objects.filter(subjects=["p1"]).exists()
    assert AccessEvent.objects.filter(subjects=["p2"]).count() == 1
    assert Seal.objects.filter(seq__lte=2).count() == 2  # the seals stay, with their heads
    assert not SealLeaves.objects.filter(seal_id__lte=2).exists()
    found = verify_log(public=signer().public)
    assert (found.faults, found.erased) == ([], 2)
    tamper("DELETE FROM audit_sealleaves WHERE seal_id = 3")
    assert faults()[0] == "封印3の葉がありません(保管期間を過ぎた消去の記録がありません)。"


@pytest.mark.usefixtures("sealed_long_ago")
def test_events_put_under_an_erased_seal_are_told() -> None:
    erased("audit.events")
    tamper(
        "INSERT INTO audit_accessevent SELECT (jsonb_populate_record(e, jsonb_build_object('id', 900000,"
        " 'transaction_id', s.from_xid::text, 'epoch', s.epoch))).* FROM audit_accessevent e, audit_seal s"
        " WHERE s.seq = 1 LIMIT 1"
    )
    assert faults()[0] == "封印1は消去済ですが、記録が1件残っています。"


@pytest.mark.usefixtures("sealed_long_ago")
def test_leaves_taken_without_an_erasure_are_told_even_where_the_register_is_forged() -> None:
    tamper("DELETE FROM audit_sealleaves WHERE seal_id = 3")
    tamper(
        "INSERT INTO retention_erasurelist (family, class_code, months, law_ja, run_key, made_at, state, planned,"
        " stopped, first_key, last_key, keys_hash, first_approval_id, second_approval_id)"
        " VALUES ('audit.events', 'log', 84, '', 'x', now(), 'erased', 3, 0, '1', '3', 'x',"
        " gen_random_uuid(), gen_random_uuid())"
    )
    assert faults()[0] == "封印3の葉がありません(保管期間を過ぎた消去の記録がありません)。"
