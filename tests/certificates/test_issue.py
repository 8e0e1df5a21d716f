"""From a request to the paper: figures are the decision's, refusals change nothing, the register is append-only."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from addressbook.models import Party
from assessment.models import Decision, ResidentResult, RunState
from certificates.errors import IssueIsVoid, ReasonMissing, RequestRefused, SubjectMismatch
from certificates.models import CertificateIssue, CertificateRequest, CertificateVoid, IssueSequence
from certificates.selectors.eligibility import standing_decision
from certificates.selectors.register import issues_of_day
from certificates.services import issue as issuing
from certificates.services.holds import hold_lift, hold_set
from certificates.services.issue import certificate_issue, certificate_pdf, certificate_reissue, certificate_void
from certificates.services.requests import RequestDraft, request_accept
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.errors import StoredFileDamaged
from taxsys.platform.files.storage import data_dir
from tests.addressbook.people import person, protect
from tests.certificates.decided import TODAY, decided
from tests.printing.conftest import flat, page_texts

pytestmark = pytest.mark.usefixtures("counter")


def asked(subject: Party, applicant: Party | None = None, **changes: Any) -> CertificateRequest:
    """A request taken in at the counter (of the subject for itself unless told otherwise)."""
    who = applicant or subject
    values: dict[str, Any] = {
        "subject_id": subject.id, "relation": "self" if applicant is None else "agent", "applicant_id": who.id,
        "identity_check": "licence", "kind": "income", "tax_year": 2026, "purpose": "融資・ローン",
        "authority": "" if applicant is None else "mandate",
    }  # fmt: skip
    return request_accept(RequestDraft(**{**values, **changes}))[0]


def nothing_issued() -> bool:
    return not CertificateIssue.objects.exists() and not list((data_dir() / "issued").rglob("*.pdf"))


def denied_reasons() -> list[str]:
    return list(AccessEvent.objects.filter(action="denied").order_by("pk").values_list("reason", flat=True))


@pytest.mark.req("R-119")
def test_the_printed_figures_are_the_decisions() -> None:
    subject = person(1, name="架空　花子", kana="カクウ　ハナコ")
    decision = decided(subject, dependants_under_16=1, life_general_new_yen=80_000)
    row = ResidentResult.objects.get(run=decision.run, party=subject)
    issue = certificate_issue(asked(subject, kind="income_and_tax").pk)
    text = flat(page_texts(certificate_pdf(issue.pk)[1])[0])
    assert "令和8年度所得課税証明書" in text
    assert "架空花子" in text
    assert f"{row.total_income_yen:,}" in text
    assert f"所得控除合計{row.total_deduction_yen:,}" in text
    assert f"年税額{decision.annual_yen:,}" in text
    assert "16歳未満1人" in text
    assert row.total_income_yen == 3_560_000
    levies = {line["label"]: line["yen"] for line in issue.content["levies"]}
    assert (
        levies["年税額"]
        == decision.annual_yen
        == sum(
            levies[name]
            for name in ("市民税所得割額", "市民税均等割額", "道民税所得割額", "道民税均等割額", "森林環境税額")
        )
    )


def test_the_register_says_who_what_when_where_and_on_which_decision() -> None:
    subject = person(1)
    decision = decided(subject)
    issue = certificate_issue(asked(subject, copies=2).pk)
    assert (issue.certificate_no, issue.printed_kind, issue.tax_year) == ("2026-CT-000001", "所得証明書", 2026)
    assert (issue.subject_id, issue.decision_id, issue.decision_version) == (subject.id, decision.pk, 1)
    assert (issue.issued_by, issue.terminal, issue.issued_on) == ("5001", "T0001", TODAY)
    assert (issue.copies, issue.fee_yen) == (2, 600)
    event = AccessEvent.objects.get(action="create", record_type="certificate.issue")
    assert (event.subjects, event.record_id, event.count) == ([str(subject.id)], "2026-CT-000001", 2)


def test_a_year_without_tax_gets_a_non_taxable_certificate() -> None:
    subject = person(1)
    decided(subject, salary_receipts_yen=900_000, social_insurance_yen=0)
    issue = certificate_issue(asked(subject, kind="tax").pk)
    assert issue.printed_kind == "非課税証明書"
    assert "課税されていないことを証明します" in flat(page_texts(certificate_pdf(issue.pk)[1])[0])


def test_the_same_request_gives_the_same_paper_however_often() -> None:
    subject = person(1)
    decided(subject)
    request = asked(subject)
    first, second = certificate_issue(request.pk), certificate_issue(request.pk)
    assert first.pk == second.pk
    assert CertificateIssue.objects.count() == 1
    assert IssueSequence.objects.get().last_no == 1
    assert certificate_pdf(first.pk)[1] == certificate_pdf(first.pk)[1]


@pytest.mark.req("R-119")
def test_the_newest_decision_in_force_is_shown_and_a_recalled_one_never() -> None:
    subject = person(1)
    decided(subject, salary_receipts_yen=4_000_000)
    second = decided(subject, version=2, salary_receipts_yen=5_000_000)
    decided(subject, version=3, salary_receipts_yen=9_000_000, state=RunState.RECALLED)
    assert standing_decision(subject.id, 2026) == second
    assert certificate_issue(asked(subject).pk).decision_version == 2
    other = person(2)
    decided(other, state=RunState.RECALLED)
    with pytest.raises(RequestRefused, match="撤回"):
        certificate_issue(asked(other).pk)
    assert denied_reasons() == ["RECALLED", "RECALLED"]


def test_a_year_without_papers_is_refused_with_what_to_do() -> None:
    request, found = request_accept(
        RequestDraft(
            subject_id=(subject := person(1)).id, applicant_id=subject.id, relation="self", identity_check="licence",
            kind="income", tax_year=2026, purpose="年金・手当",
        )
    )  # fmt: skip
    stop = found.verdict.findings[0]
    assert (stop.code, request.state) == ("NOT_FILED", "refused")
    assert "申告を案内" in stop.todo_ja
    assert nothing_issued()


@pytest.mark.req("N-093")
def test_the_opponents_side_is_refused_and_nothing_is_written_but_the_event() -> None:
    victim = person(1, name="被害　花子")
    opponent = person(2, name="加害　太郎")
    lodger = person(3, name="同居　次郎", household="S0000000002", relation="20")
    decided(victim)
    protect(victim, opponent_name="加害　太郎", opponent_party=opponent)
    for request in (
        asked(victim, opponent),
        asked(victim, lodger),
        asked(victim, opponent, applicant_id=None, applicant_name="加害　太郎"),
    ):
        assert request.state == "refused"
        assert "OPPONENT" in request.finding_codes
        with pytest.raises(RequestRefused):
            certificate_issue(request.pk)
    assert nothing_issued()
    assert set(denied_reasons()) == {"OPPONENT"}
    assert str(victim.id) in AccessEvent.objects.filter(action="denied").latest("pk").subjects


@pytest.mark.req("N-093")
def test_a_protected_person_gets_her_own_paper_with_or_without_her_address() -> None:
    victim = person(1, address_text="北海道旭川市秘密町1番地")
    decided(victim)
    protect(victim)
    shown = certificate_issue(asked(victim).pk)
    hidden = certificate_issue(asked(victim, hides_address=True).pk)
    assert "秘密町" in flat(page_texts(certificate_pdf(shown.pk)[1])[0])
    text = flat(page_texts(certificate_pdf(hidden.pk)[1])[0])
    assert "秘密町" not in text
    assert "記載を省略" in text


def test_a_request_that_became_unlawful_is_refused_at_the_last_moment() -> None:
    subject = person(1)
    decided(subject)
    request = asked(subject)
    hold = hold_set(subject.id, reason_ja="本人の申出")
    with pytest.raises(RequestRefused, match="発行停止"):
        certificate_issue(request.pk)
    request.refresh_from_db()
    assert (request.state, denied_reasons()) == ("refused", ["HELD"])
    assert nothing_issued()
    hold_lift(hold.pk, reason_ja="本人の申出の取下げ")
    assert certificate_issue(asked(subject).pk).subject_id == subject.id


def test_void_keeps_the_number_and_reissue_gives_a_new_one_without_fee() -> None:
    subject = person(1)
    decided(subject)
    first = certificate_issue(asked(subject).pk)
    with pytest.raises(ReasonMissing):
        certificate_void(first.pk, reason_ja=" ")
    second = certificate_reissue(first.pk, reason_ja="用紙の汚損")
    assert (second.certificate_no, second.fee_yen, second.reissue_of_id) == ("2026-CT-000002", 0, first.pk)
    assert CertificateVoid.objects.get().issue_id == first.pk
    with pytest.raises(IssueIsVoid):
        certificate_pdf(first.pk)
    with pytest.raises(IssueIsVoid):
        certificate_reissue(first.pk, reason_ja="もう一度")
    day = issues_of_day(TODAY)
    assert (day.papers, day.copies, day.fee_yen, day.voids) == (1, 1, 300, 1)
    certificate_void(second.pk, reason_ja="誤って受け付けた", is_fee_returned=True)
    assert issues_of_day(TODAY).fee_yen == 300


def test_a_refused_reissue_leaves_the_old_paper_valid() -> None:
    subject = person(1)
    decided(subject)
    first = certificate_issue(asked(subject).pk)
    hold_set(subject.id, reason_ja="本人の申出")
    with pytest.raises(RequestRefused):
        certificate_reissue(first.pk, reason_ja="用紙の汚損")
    assert not CertificateVoid.objects.exists()
    assert CertificateIssue.objects.count() == 1
    assert denied_reasons() == ["HELD"]


def test_the_register_cannot_be_changed(database_role: Any) -> None:
    subject = person(1)
    decided(subject)
    issue = certificate_issue(asked(subject).pk)
    rows = CertificateIssue.objects.filter(pk=issue.pk)
    for role in ("taxsys_app", "taxsys_owner"):
        for act in (lambda: rows.update(fee_yen=0), rows.delete):
            with pytest.raises(DatabaseError), transaction.atomic(), database_role(role):
                act()
    assert CertificateIssue.objects.get().fee_yen == 300


@pytest.mark.req("I13")
def test_a_paper_about_another_person_is_stopped_before_it_is_issued(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, other = person(1, name="架空　花子"), person(2, name="見本　次郎", birth_on=date(1970, 1, 1))
    decided(subject)
    decided(other)
    genuine = issuing.paper_of

    def wrong_person(_request: CertificateRequest, _decision: Decision, **options: Any) -> Any:
        return genuine(CertificateRequest(subject=other, kind="income", tax_year=2026, relation="self"),
                       Decision.objects.get(party=other), **options)  # fmt: skip

    request = asked(subject)
    monkeypatch.setattr(issuing, "paper_of", wrong_person)
    with pytest.raises(SubjectMismatch), transaction.atomic():
        certificate_issue(request.pk)
    assert nothing_issued()
    assert not IssueSequence.objects.exists()


@pytest.mark.req("I13")
def test_the_database_itself_refuses_a_row_about_two_people() -> None:
    subject, other = person(1), person(2)
    decided(subject)
    decision = decided(other)
    issue = certificate_issue(asked(subject).pk)
    request = asked(subject)
    for changes in ({"decision": decision}, {"subject": other}, {"content": {"subject_id": str(other.id)}}):
        values = {
            field.attname: getattr(issue, field.attname)
            for field in CertificateIssue._meta.fields
            if field.name != "id"
        }
        fresh = CertificateIssue(**{**values, "certificate_no": "2026-CT-000099", "request_id": request.pk})
        for name, value in changes.items():
            setattr(fresh, name, value)
        with pytest.raises(DatabaseError, match="一致しません"), transaction.atomic():
            fresh.save(force_insert=True)


def test_a_changed_paper_is_never_shown() -> None:
    subject = person(1)
    decided(subject)
    issue = certificate_issue(asked(subject).pk)
    place = data_dir() / issue.pdf_path
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with pytest.raises(StoredFileDamaged):
        certificate_pdf(issue.pk)
    assert not AccessEvent.objects.filter(action="print").exists()


def test_the_stored_paper_is_sealed() -> None:
    subject = person(1, name="架空　花子")
    decided(subject)
    issue = certificate_issue(asked(subject).pk)
    assert not (data_dir() / issue.pdf_path).read_bytes().startswith(b"%PDF")
