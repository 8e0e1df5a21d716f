"""The counter's screens: request → check → issue → PDF, and what a refusal looks like."""

from typing import Any

import pytest
from django.test import Client

from certificates.models import CertificateIssue, CertificateRequest, IssueHold
from certificates.permissions import (
    HOLD_CERTIFICATES,
    ISSUE_CERTIFICATES,
    VIEW_REGISTER,
    VOID_CERTIFICATES,
)
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.search.permissions import SEARCH
from tests.addressbook.people import person, protect
from tests.certificates.decided import decided
from tests.platform.actors import officer, sign_in

ALL = (
    "addressbook.view_party", SEARCH, ISSUE_CERTIFICATES, VIEW_REGISTER, VOID_CERTIFICATES, HOLD_CERTIFICATES,
)  # fmt: skip
FORM = {
    "relation": "self", "identity_check": "number_card", "kind": "income", "tax_year": "2026", "copies": "1",
    "purpose": "融資・ローン",
}  # fmt: skip


@pytest.fixture
def clerk(counter: Any, client: Client) -> Client:
    return sign_in(client, officer("5002", permissions=ALL))


def test_a_certificate_at_the_counter_from_request_to_paper(clerk: Client) -> None:
    subject = person(1)
    decided(subject)
    opened = clerk.get(f"/certificates/party/{subject.id}/new")
    assert "個人番号カード（表面）" in opened.content.decode()
    sent = clerk.post(f"/certificates/party/{subject.id}/new", FORM)
    request = CertificateRequest.objects.get()
    assert sent["Location"] == f"/certificates/requests/{request.pk}"
    page = clerk.get(sent["Location"]).content.decode()
    assert "3,560,000" in page
    assert "300円" in page
    assert "条例で確認していない" in page
    issued = clerk.post(f"/certificates/requests/{request.pk}/issue")
    issue = CertificateIssue.objects.get()
    assert issued["Location"] == f"/certificates/issues/{issue.pk}"
    assert issue.certificate_no in clerk.get(issued["Location"]).content.decode()
    paper = clerk.get(f"/certificates/issues/{issue.pk}/pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Content-Disposition"] == f'inline; filename="{issue.certificate_no}.pdf"'
    assert paper["Cache-Control"] == "no-store"
    assert paper.content.startswith(b"%PDF")
    event = AccessEvent.objects.get(action="print", record_type="certificate.issue")
    assert (event.subjects, event.actor_id) == ([str(subject.id)], "5002")


def test_no_address_of_a_page_holds_a_number_or_a_name(clerk: Client) -> None:
    subject = person(1)
    decided(subject)
    sent = clerk.post(f"/certificates/party/{subject.id}/new", FORM)
    assert subject.person_no not in sent["Location"]


def test_the_register_of_the_day_counts_papers_and_fees(clerk: Client) -> None:
    subject = person(1, name="架空　花子")
    decided(subject)
    clerk.post(f"/certificates/party/{subject.id}/new", {**FORM, "copies": "3"})
    clerk.post(f"/certificates/requests/{CertificateRequest.objects.get().pk}/issue")
    page = clerk.get("/certificates/").content.decode()
    assert "1件（3通）" in page
    assert "900円" in page
    assert "架空　花子" in page
    assert AccessEvent.objects.filter(record_type="certificate.register", subjects=[str(subject.id)]).count() == 1
    assert "この日に交付した証明書はありません" in clerk.get("/certificates/?on=R8.11.19").content.decode()


def test_a_refused_request_shows_why_and_offers_no_issue(clerk: Client) -> None:
    victim, opponent = person(1), person(2, name="加害　太郎")
    decided(victim)
    protect(victim, opponent_name="加害　太郎", opponent_party=opponent)
    sent = clerk.post(
        f"/certificates/party/{victim.id}/new",
        {**FORM, "relation": "agent", "authority": "mandate", "applicant_no": opponent.person_no},
    )
    page = clerk.get(sent["Location"]).content.decode()
    assert "この証明書は、こちらではお渡しできません。" in page
    assert "手数料を受け取り" not in page
    answer = clerk.post(f"{sent['Location']}/issue", follow=True)
    assert "交付できません" in answer.content.decode()
    assert not CertificateIssue.objects.exists()
    assert AccessEvent.objects.filter(action="denied", reason="OPPONENT").count() == 2


def test_somebody_else_must_be_named(clerk: Client) -> None:
    subject = person(1)
    answer = clerk.post(f"/certificates/party/{subject.id}/new", {**FORM, "relation": "agent"})
    assert answer.status_code == 422
    assert "請求者の宛名番号か氏名を入力" in answer.content.decode()
    unknown = clerk.post(
        f"/certificates/party/{subject.id}/new", {**FORM, "relation": "agent", "applicant_no": "R99999999999999"}
    )
    assert unknown.status_code == 422
    assert not CertificateRequest.objects.exists()


def test_void_and_reissue_on_the_page(clerk: Client) -> None:
    subject = person(1)
    decided(subject)
    clerk.post(f"/certificates/party/{subject.id}/new", FORM)
    clerk.post(f"/certificates/requests/{CertificateRequest.objects.get().pk}/issue")
    first = CertificateIssue.objects.get()
    assert clerk.post(f"/certificates/issues/{first.pk}/reissue", {"reason": ""}).status_code == 422
    clerk.post(f"/certificates/issues/{first.pk}/reissue", {"reason": "用紙の汚損"})
    second = CertificateIssue.objects.get(reissue_of=first)
    assert "取り消されています" in clerk.get(f"/certificates/issues/{first.pk}").content.decode()
    assert clerk.get(f"/certificates/issues/{first.pk}/pdf").status_code == 409
    assert clerk.post(f"/certificates/issues/{first.pk}/void", {"reason": "x"}).status_code == 409
    tab = clerk.get(f"/certificates/party/{subject.id}/").content.decode()
    assert first.certificate_no in tab
    assert second.certificate_no in tab


def test_holds_are_set_and_lifted_on_the_tab(clerk: Client) -> None:
    subject = person(1)
    clerk.post(f"/certificates/party/{subject.id}/hold", {"reason": "本人の申出"})
    hold = IssueHold.objects.get()
    assert (hold.held_by, hold.reason_ja) == ("5002", "本人の申出")
    tab = clerk.get(f"/certificates/party/{subject.id}/").content.decode()
    assert tab.count("証明発行停止") == 2
    clerk.post(f"/certificates/holds/{hold.pk}/lift", {"reason": "取下げ"})
    assert clerk.post(f"/certificates/holds/{hold.pk}/lift", {"reason": "取下げ"}).status_code == 409
    hold.refresh_from_db()
    assert hold.lifted_by == "5002"


@pytest.mark.parametrize("typed", ["2026-CT-000001", "2026ct000001", "２０２６－ＣＴ－０００００１"])
def test_a_number_in_the_search_box_opens_the_paper(clerk: Client, typed: str) -> None:
    subject = person(1)
    decided(subject)
    clerk.post(f"/certificates/party/{subject.id}/new", FORM)
    clerk.post(f"/certificates/requests/{CertificateRequest.objects.get().pk}/issue")
    answer = clerk.post("/search/", {"q": typed})
    assert answer["Location"] == f"/certificates/issues/{CertificateIssue.objects.get().pk}"


@pytest.mark.parametrize("held", [(), (VIEW_REGISTER,)])
def test_without_the_right_nothing_is_written(counter: Any, client: Client, held: tuple[Any, ...]) -> None:
    subject = person(1)
    decided(subject)
    stranger = sign_in(client, officer("5003", permissions=("addressbook.view_party", *held)))
    assert stranger.get(f"/certificates/party/{subject.id}/new").status_code == 403
    assert stranger.post(f"/certificates/party/{subject.id}/new", FORM).status_code == 403
    assert stranger.post(f"/certificates/party/{subject.id}/hold", {"reason": "x"}).status_code == 403
    assert not CertificateRequest.objects.exists()
    assert not IssueHold.objects.exists()


def test_a_protected_persons_address_is_not_on_the_screen(clerk: Client) -> None:
    victim = person(1, address_text="北海道旭川市秘密町1番地")
    decided(victim)
    protect(victim)
    sent = clerk.post(f"/certificates/party/{victim.id}/new", FORM)
    for page in (sent["Location"], f"/certificates/party/{victim.id}/", f"/certificates/party/{victim.id}/new"):
        assert "秘密町" not in clerk.get(page).content.decode()
