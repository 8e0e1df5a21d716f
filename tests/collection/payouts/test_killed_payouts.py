"""Jobs of the refund payments killed between their commits end as the undisturbed run (H001)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from collection.models import RefundFile, RefundPayment
from collection.payouts.models import RefundExpiry
from collection.services.refund_payments import Payee, payment_reserve_remote
from taxsys.platform import clock
from taxsys.platform.printing.models import PrintPackage
from tests.collection.payouts import scene
from tests.collection.payouts.killing import survives
from tests.flows.conftest import data_in, module_database
from tests.jobs.kill import Workshop

__all__ = ["module_database"]
START = {"transfer_on": "2026-12-01"}


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database), scene.at_refund_desk():
        yield


@pytest.fixture(scope="module")
def shop(module_database: Path) -> Iterator[Workshop]:
    """Two refunds: one to be fetched at the bank, one that nobody claims."""
    with scene.at_refund_desk():
        clerk, chief = scene.clerk(), scene.chief()
        refund = scene.refund_of(1, clerk, chief)
        scene.refund_of(2, clerk, chief)
        payment_reserve_remote(refund.pk, Payee(refund.party_id), amount_yen=50_000, actor=clerk)
    with Workshop() as workshop:
        yield workshop


def lists() -> object:
    return (
        list(RefundFile.objects.values_list("way", "transfer_on", "sequence", "state", "payment_count", "payment_yen")),
        list(RefundPayment.objects.order_by("instruction_no").values_list("instruction_no", "state", "file__sequence")),
    )


def packages() -> object:
    return list(PrintPackage.objects.values_list("state", "pieces", "pages", "content_hash"))


def expiries() -> object:
    return list(RefundExpiry.objects.order_by("yen").values_list("decision__refund_no", "yen", "ended_on", "entry"))


def test_killed_jobs_pay_once_print_once_and_list_once(shop: Workshop) -> None:
    clerk, chief = scene.clerk(), scene.chief()
    assert survives(shop, "B-CL-15-K", START, lists) >= 1
    scene.release(scene.run("B-CL-15-K", START, clerk), chief)
    assert survives(shop, "B-CL-15-L", START, packages) >= 1
    with clock.at(date(2031, 6, 21)):
        assert survives(shop, "B-CL-15-T", {}, expiries) >= 1
