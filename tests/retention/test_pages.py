"""The retention desk and the card's tab: candidates, the proposal, the certificate on screen and paper, stop orders."""

from datetime import date

import pytest
from django.test import Client

from addressbook.permissions import VIEW_PARTY
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.retention.copies import RegionRefused, copy_record
from taxsys.platform.retention.models import BackupCopy, ErasureCertificate, StopOrder
from taxsys.platform.retention.permissions import KEEP_COPIES, PROPOSE, STOP, VIEW
from tests.addressbook.people import person
from tests.platform.actors import officer, sign_in
from tests.platform.papers import pdf_text
from tests.retention.people import approved, candidates, carried_out
from tests.retention.test_ledger import settled

pytestmark = pytest.mark.django_db


def desk(client: Client) -> Client:
    return sign_in(client, officer("6009", permissions=[VIEW, PROPOSE, KEEP_COPIES, VIEW_PARTY, STOP]))


@pytest.mark.req("R-190")
def test_a_list_is_looked_into_and_proposed_on_the_screen(client: Client) -> None:
    settled(1)
    target = candidates("collection.charge")
    page = desk(client).get("/retention/")
    assert "期別債権と元帳の明細" in page.content.decode()
    text = client.get(f"/retention/lists/{target.pk}").content.decode()
    assert "平成27年4月1日" in text
    assert target.keys_hash in text
    assert client.post(f"/retention/lists/{target.pk}/propose").status_code == 302
    assert Approval.objects.get().content["planned"] == 2
    again = client.post(f"/retention/lists/{target.pk}/propose")
    assert (again.status_code, Approval.objects.count()) == (409, 1)


@pytest.mark.req("R-190")
def test_the_certificate_stands_on_screen_and_paper(client: Client) -> None:
    settled(1)
    carried_out(approved(candidates("collection.charge")))
    made = ErasureCertificate.objects.get()
    assert made.certificate_no in desk(client).get("/retention/certificates").content.decode()
    page = client.get(f"/retention/certificates/{made.pk}").content.decode()
    paper = pdf_text(client.get(f"/retention/certificates/{made.pk}/sheet.pdf").content)
    for text in (page, paper):
        assert "期別債権と元帳の明細" in text
        assert "6002" in text
        assert "控えからも失われる日" in text


@pytest.mark.req("R-189")
def test_periods_and_laws_are_told(client: Client) -> None:
    text = desk(client).get("/retention/classes").content.decode()
    assert "84か月" in text
    assert "地方税法17条の5" in text


@pytest.mark.req("R-189")
def test_the_card_tells_until_when_the_records_of_a_person_are_kept(client: Client) -> None:
    party = person(1, state="moved_out", left_on=date(2016, 5, 1))
    text = desk(client).get(f"/party/{party.pk}/retention").content.decode()
    assert "宛名（税の記録がすべて消去された人）" in text
    assert "H29.4.1" in text  # moved out in the year to March 2017; nothing keeps the record any longer


def test_a_stop_order_is_placed_on_the_card_and_its_lifting_only_proposed(client: Client) -> None:
    party = person(1)
    base = f"/party/{party.pk}/retention"
    desk(client)
    assert client.post(f"{base}/stop", {"reason": "disclosure", "reference": ""}).status_code == 422
    assert client.post(f"{base}/stop", {"reason": "disclosure", "reference": "開示第3号"}).status_code == 302
    again = client.post(f"{base}/stop", {"reason": "disclosure", "reference": "開示第3号"})
    assert again.status_code == 422
    stop = StopOrder.objects.get()
    assert "開示第3号" in client.get(base).content.decode()
    assert client.post(f"{base}/stop/{stop.pk}/lift", {"why": " "}).status_code == 400
    assert client.post(f"{base}/stop/{stop.pk}/lift", {"why": "決定済み"}).status_code == 302
    stop.refresh_from_db()
    assert stop.lifted_on is None
    other = person(2)
    assert client.post(f"/party/{other.pk}/retention/stop/{stop.pk}/lift", {"why": "x"}).status_code == 404


@pytest.mark.req("R-188")
@pytest.mark.req("R-191")
def test_copies_stand_in_registered_regions_and_have_a_last_day(client: Client) -> None:
    desk(client)
    assert client.post("/retention/copies", {"label": "第1世代", "region": "us-east"}).status_code == 422
    assert client.post("/retention/copies", {"label": "第1世代", "region": "jp-sapporo"}).status_code == 302
    copy = BackupCopy.objects.get()
    assert (copy.expires_on - clock.now().date()).days in {35, 36}
    with pytest.raises(RegionRefused):
        copy_record(label="第2世代", region="us-east", taken_at=clock.now())


@pytest.mark.req("R-193")
def test_destroying_a_copy_or_a_former_installation_leaves_a_certificate(client: Client) -> None:
    desk(client)
    client.post("/retention/copies", {"label": "旧環境のディスク", "region": "jp-asahikawa"})
    copy = BackupCopy.objects.get()
    assert client.post(f"/retention/copies/{copy.pk}/destroy", {"method": ""}).status_code == 400
    assert client.post(f"/retention/copies/{copy.pk}/destroy", {"method": "上書き消去"}).status_code == 302
    made = ErasureCertificate.objects.get()
    assert (made.kind, made.facts["label"], made.facts["method"]) == ("medium", "旧環境のディスク", "上書き消去")
    assert client.post(f"/retention/copies/{copy.pk}/destroy", {"method": "再度"}).status_code == 409
