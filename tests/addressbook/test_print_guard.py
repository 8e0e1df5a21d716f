"""Between composing and posting: a measure registered meanwhile stops its piece, whichever role the opponent plays."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from addressbook.codes import LinkKind
from addressbook.mailing import mailings_for
from addressbook.models import Party, PartyLink
from addressbook.print_guard import COMPOSED_BEFORE, TO_OPPONENT
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.guards import package_stops
from taxsys.platform.printing.models import PrintItem, PrintPackage, PrintSubject
from taxsys.platform.printing.pieces import batch_of
from taxsys.platform.printing.services import item_pull, package_hand_over, package_mail, package_release
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-090"), pytest.mark.req("N-095")]
NAME = "相手　方男"


@pytest.fixture(autouse=True)
def _day(settings: Any) -> Iterator[None]:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    with using(staff_context(officer("5002"))):
        yield


def composed(*about: Party, to: Party | None = None, batch: str = "") -> PrintPackage:
    """A package of one piece, addressed as the delivery service says today (or to an employer who lists `about`)."""
    mailing = mailings_for([(to or about[0]).pk], tax_kind="10", on=TODAY)[(to or about[0]).pk].addressee
    package = PrintPackage.objects.create(
        kind="t", business_key="10:2026", title_ja="通知", built_by="5001", state="built", built_at=clock.now(),
        pieces=1,
    )  # fmt: skip
    item = PrintItem.objects.create(
        package=package, part_no=1, batch=batch or batch_of(mailing), seq=1, item_key="1", person_no=mailing.person_no,
        notice_no="1", mail_kind=mailing.mail_kind, is_protected=mailing.is_protected,
        addressee_key=mailing.party_key, pages=1, first_page=1,
    )  # fmt: skip
    for party in about:
        PrintSubject.objects.create(package=package, item=item, subject_key=str(party.pk))
    return package


def reasons(package: PrintPackage) -> list[str]:
    return [stop.reason_ja for stop in package_stops(package)]


def agent(kind: LinkKind) -> Callable[[Party, Party], None]:
    def link(party: Party, opponent: Party) -> None:
        PartyLink.objects.create(
            kind=kind, party=party, agent=opponent, valid_from=date(2026, 1, 1), recorded_at=clock.now()
        )

    return link


def test_a_measure_registered_after_the_composing_stops_the_piece_until_it_is_pulled() -> None:
    party = person(1)
    package = composed(party)
    assert (reasons(package), package.items.get().is_protected) == ([], False)
    protect(party, opponent_name=NAME)
    assert reasons(package) == [COMPOSED_BEFORE]
    with pytest.raises(PackageRefused, match=r"1通を発送できません（庁内印刷 1番）.*引き抜いてから"):
        package_release(package.pk, actor="5002")
    item_pull(package.pk, "1", actor="5002", reason="支援措置")
    assert package_release(package.pk, actor="5002").state == "released"


def test_what_the_contractor_would_get_is_recalled_and_not_pulled() -> None:
    party = person(1)
    package = composed(party, batch="bulk")
    protect(party)
    with pytest.raises(PackageRefused, match="この組を回収して作り直してください"):
        package_release(package.pk, actor="5002")


def _hand_over(package_id: int) -> PrintPackage:
    return package_hand_over(package_id, to="委託先", bulk_pieces=0)


def _mail(package_id: int) -> PrintPackage:
    return package_mail(package_id, posted_on=TODAY, mailed_pieces=1)


@pytest.mark.parametrize("act", [_hand_over, _mail])
def test_a_measure_of_the_last_day_stops_handing_over_and_posting(act: Callable[[int], PrintPackage]) -> None:
    party = person(1)
    package = composed(party)
    package_release(package.pk, actor="5002")
    protect(party)
    with pytest.raises(PackageRefused, match="発送できません"):
        act(package.pk)
    package.refresh_from_db()
    assert package.state == "released"


@pytest.mark.parametrize("member", ["household", "named beside"])
def test_who_lives_with_or_is_named_beside_the_protected_is_stopped_too(member: str) -> None:
    party = person(1)
    other = person(2, household="S0000000001" if member == "household" else "S0000000002", relation="20")
    package = composed(other)
    protect(party, *([other] if member == "named beside" else []))
    assert reasons(package) == [COMPOSED_BEFORE]


@pytest.mark.parametrize(
    "role", [agent(LinkKind.TAX_ADMINISTRATOR), agent(LinkKind.BANKRUPTCY_TRUSTEE)], ids=["administrator", "trustee"]
)
def test_a_paper_that_goes_to_somebody_who_has_become_the_opponent_is_stopped(
    role: Callable[[Party, Party], None],
) -> None:
    party, other = person(1), person(3, name=NAME, address_text="北海道旭川市九条通1丁目")
    role(party, other)
    measure = protect(party, opponent_name="別の　相手")
    package = composed(party)
    assert (reasons(package), package.items.get().is_protected) == ([], True)  # in the house, to the administrator
    measure.opponent_party, measure.opponent_name = other, NAME
    measure.save()
    assert reasons(package) == [TO_OPPONENT]
    assert composed_anew_is_held_back(party)


def composed_anew_is_held_back(party: Party) -> bool:
    to = mailings_for([party.pk], tax_kind="10", on=TODAY)[party.pk].addressee
    return to.mail_kind == "3" and to.is_protected


def test_the_heirs_representative_who_is_the_opponent_gets_no_paper_about_the_hidden_family() -> None:
    dead = person(1, state="dead", died_on=date(2026, 3, 3))
    widow, heir = person(2, household="S0000000001", relation="03"), person(3, name=NAME)
    agent(LinkKind.HEIR_REPRESENTATIVE)(dead, heir)
    package = composed(dead)
    protect(widow, dead, opponent_name=NAME, opponent_party=heir)
    assert reasons(package) == [COMPOSED_BEFORE]
    assert composed_anew_is_held_back(dead)


def test_an_employer_gets_no_list_with_a_person_protected_since() -> None:
    employer = person(9, name="株式会社相手", kind="corporation", household="")
    worker, colleague = person(1), person(2)
    package = composed(worker, colleague, to=employer)
    assert reasons(package) == []
    protect(worker, opponent_name="株式会社相手", opponent_party=employer)
    assert reasons(package) == [COMPOSED_BEFORE]


def test_the_head_of_the_household_gets_no_paper_of_a_member_protected_from_him() -> None:
    head, wife = person(1, name=NAME), person(2, household="S0000000001", relation="03")
    package = composed(wife)
    protect(wife, opponent_name=NAME, opponent_party=head)
    assert reasons(package) == [COMPOSED_BEFORE]


PRINTING = [job for job in all_jobs() if any(stage.name_ja == "並べ順の決定と分冊の作成" for stage in job.stages)]


@pytest.mark.parametrize("job", PRINTING, ids=lambda job: job.id)
def test_no_print_job_is_released_with_a_stopped_piece(job: Job) -> None:
    party = person(1)
    package = composed(party)
    run = JobRun.objects.create(
        job_id=job.id, params={}, params_hash="x", scope="t", business_on=TODAY, requested_by="5001",
        requested_by_name="職員5001",
    )  # fmt: skip
    PrintPackage.objects.filter(pk=package.pk).update(job_run_id=run.pk)
    assert job.release is not None
    assert job.release.refuse is not None
    assert job.release.refuse(run) == ""
    protect(party)
    assert "発送できません" in job.release.refuse(run)


def test_there_are_print_jobs_to_guard() -> None:
    assert {job.id for job in PRINTING} >= {"B-PI-15", "B-PI-16", "B-CL-13"}
