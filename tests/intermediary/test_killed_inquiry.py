"""Jobs of the account inquiry killed between their commits end as the undisturbed run (H001)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from addressbook.services.numbers import number_assign
from collection.models import RefundPayment
from collection.payouts.designations import public_account_designate
from intermediary.inquiries.models import AccountInquiry
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files import layouts, storage
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.services import file_receive
from tests.addressbook.conftest import full_context
from tests.collection.payouts import scene
from tests.collection.payouts.killing import survives
from tests.flows.conftest import data_in, module_database
from tests.intermediary.test_account_inquiry import NUMBER, WISH, answer
from tests.jobs.kill import Workshop

__all__ = ["module_database"]
PAYMENT = ("state", "account_number", "failure_ja")


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database), scene.at_refund_desk():
        yield


@pytest.fixture(scope="module")
def shop(module_database: Path) -> Iterator[Workshop]:
    """One refund whose payee wishes it paid to the public account."""
    with scene.at_refund_desk():
        refund = scene.refund_of(1, scene.clerk(), scene.chief())
        with using(full_context()):
            number_assign(refund.party_id, NUMBER, source="test", verified_by="counter")
        public_account_designate(refund.pk, WISH, amount_yen=50_000, actor=scene.clerk())
    with Workshop() as workshop:
        yield workshop


def inquiries() -> object:
    issued = OutgoingFile.objects.filter(kind="local_koukin_shokai")
    return list(AccountInquiry.objects.values_list("inquiry_no", "state")), list(issued.values_list("sha256", "state"))


def payments() -> object:
    return list(RefundPayment.objects.values_list(*PAYMENT)), list(AccountInquiry.objects.values_list("state"))


def test_killed_jobs_ask_once_answer_once_and_erase_all(shop: Workshop) -> None:
    clerk, chief = scene.clerk(), scene.chief()
    assert survives(shop, "B-CL-21", {}, inquiries) >= 1
    scene.release(scene.run("B-CL-21", {}, clerk), chief)
    content = layouts.get("local_koukin_koza").write([answer(AccountInquiry.objects.get())])
    received = file_receive(
        name="kekka.csv", content=content, format="local_koukin_koza", sender="中間サーバー", channel="network"
    )

    def laid_again() -> None:
        storage.store(received.stored_path, content, encrypted=True)

    def answered() -> object:
        return payments(), ReceivedFile.objects.get(pk=received.pk).content_erased_at is not None

    params = {"file": str(received.pk)}
    assert survives(shop, "B-CL-21-R", params, answered, laid_again) >= 1
    laid_again()
    scene.run("B-CL-21-R", params, clerk)
    assert RefundPayment.objects.get().account_number == "7654321"
    with clock.at(scene.DAY + timedelta(days=31)):
        assert survives(shop, "B-CL-21-E", {}, payments) >= 1
