"""The counter's screens: request → check → issue → PDF, and what a refusal looks like."""

from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from certificates.guidance import OTHER_PROCEDURES
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


def ask(client: Client, subject: Party, /, **changes: str) -> Any:
    """The form of the person's page, filled in and sent."""
    where = f"/certificates/party/{subject.id}/new"
    return client.post(where, {**FORM, "subject_token": client.get(where).context["token"], **changes})


def test_a_certificate_at_the_counter_from_request_to_paper(clerk: Client) -> None:
    subject = person(1)
    decided(subject)
    opened = clerk.get(f"/certificates/party/{subject.id}/new")
    assert "個人番号カード（表面）" in opened.content.decode()
    sent = ask(clerk, subject)
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
    sent = ask(clerk, subject)
    assert subject.person_no not in sent["Location"]


def test_the_register_of_the_day_counts_papers_and_fees(clerk: Client) -> None:
    subject = person(1, name="架空　花子")
    decided(subject)
    ask(clerk, subject, copies="3")
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
    sent = ask(clerk, victim, relation="agent", authority="mandate", applicant_no=opponent.person_no)
    page = clerk.get(sent["Location"]).content.decode()
    assert "この証明書は、こちらではお渡しできません。" in page
    assert "手数料を受け取り" not in page
    answer = clerk.post(f"{sent['Location']}/issue", follow=True)
    assert "交付できません" in answer.content.decode()
    assert not CertificateIssue.objects.exists()
    assert AccessEvent.objects.filter(action="denied", reason="OPPONENT").count() == 2


def test_somebody_else_must_be_named(clerk: Client) -> None:
    subject = person(1)
    answer = ask(clerk, subject, relation="agent")
    assert answer.status_code == 422
    assert "請求者の宛名番号か氏名を入力" in answer.content.decode()
    unknown = ask(clerk, subject, relation="agent", applicant_no="R99999999999999")
    assert unknown.status_code == 422
    assert not CertificateRequest.objects.exists()


def test_void_and_reissue_on_the_page(clerk: Client) -> None:
    subject = person(1)
    decided(subject)
    ask(clerk, subject)
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
    ask(clerk, subject)
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
    sent = ask(clerk, victim)
    for page in (sent["Location"], f"/certificates/party/{victim.id}/", f"/certificates/party/{victim.id}/new"):
        assert "秘密町" not in clerk.get(page).content.decode()


# ---- 一人一通・手続の案内


@pytest.mark.req("R-199")
def test_one_application_is_about_one_person_and_a_form_of_another_is_not_taken(clerk: Client) -> None:
    first, second = person(1), person(2)
    for subject in (first, second):
        decided(subject)
    foreign = clerk.get(f"/certificates/party/{first.id}/new").context["token"]
    for token in (foreign, "", "x"):
        assert ask(clerk, second, subject_token=token).status_code == 409
    assert not CertificateRequest.objects.exists()
    sent = ask(clerk, second, subject=str(first.id), party=str(first.id), subject_id=str(first.id))
    assert sent.status_code == 302
    request = CertificateRequest.objects.get()
    assert request.subject_id == second.id
    clerk.post(f"/certificates/requests/{request.pk}/issue")
    assert CertificateIssue.objects.get().subject_id == second.id


@pytest.mark.req("R-199")
@pytest.mark.parametrize(
    ("relation", "papers", "reason"),
    [
        ("agent", {}, "NO_MANDATE"),
        ("agent", {"authority": "family_register"}, "NO_MANDATE"),
        ("household", {}, "NO_CONSENT"),
        ("legal", {}, "NO_AUTHORITY"),
    ],
)
def test_whoever_is_neither_the_person_nor_its_agent_gets_nothing(
    clerk: Client, relation: str, papers: dict[str, str], reason: str
) -> None:
    subject, stranger = person(1), person(2, name="第三　三郎", household="S0000000001")
    decided(subject)
    sent = ask(clerk, subject, relation=relation, applicant_no=stranger.person_no, **papers)
    clerk.post(f"{sent['Location']}/issue")
    assert CertificateRequest.objects.get().state == "refused"
    assert reason in CertificateRequest.objects.get().finding_codes
    assert not CertificateIssue.objects.exists()


@pytest.mark.req("R-204")
def test_an_application_of_another_procedure_is_led_to_its_counter_and_not_kept(clerk: Client) -> None:
    subject = person(1)
    page = clerk.get(f"/certificates/party/{subject.id}/new").content.decode()
    for one in OTHER_PROCEDURES:
        assert one.title_ja in page
        assert one.taken_by_ja in page
    answer = ask(clerk, subject, kind="payment")
    assert answer.status_code == 422
    assert "この窓口で受け付けるのは、所得証明書・課税（非課税）証明書・所得課税証明書です" in answer.content.decode()
    assert not CertificateRequest.objects.exists()


@pytest.mark.req("R-204")
@pytest.mark.parametrize(
    ("relation", "field", "value"),
    [
        ("self", "applicant_no", "R00000000000002"), ("self", "applicant_name", "第三　三郎"),
        ("self", "authority", "mandate"), ("self", "has_consent", "on"), ("household", "authority", "mandate"),
        ("agent", "has_consent", "on"),
    ],
)  # fmt: skip
def test_what_the_procedure_has_no_use_for_is_not_taken(clerk: Client, relation: str, field: str, value: str) -> None:
    subject = person(1)
    named = {} if relation == "self" else {"applicant_no": person(2).person_no}
    answer = ask(clerk, subject, relation=relation, **{**named, field: value})
    assert answer.status_code == 422
    assert "この請求者の区分では要りません" in answer.content.decode()
    assert not CertificateRequest.objects.exists()
