"""What the counter does with the people of the shelter on the day of the look: papers, money, searches."""

from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from addressbook.models import DeliveryAddress, NumberTask, Party
from addressbook.services.parties import delivery_set
from assessment.amendments.cases import CaseDraft, case_calculate, case_open
from assessment.amendments.models import Relief
from assessment.amendments.reliefs import ReliefDraft, relief_receive, relief_refuse
from assessment.entry.bundles import BundleDraft, bundle_make, paper_key
from assessment.models import AssessmentRun, CollectionShare, Finding
from assessment.permissions import KEY_PAPERS
from assessment.premises.models import Premises
from assessment.scans.services import PaperFacts, scan_mask, scan_register
from assessment.withholders.models import PaymentPrivilege
from assessment.yearend.models import CarriedLine, YearSwitch
from certificates.errors import RequestRefused
from certificates.services.holds import hold_set
from certificates.services.issue import certificate_issue
from certificates.services.requests import RequestDraft, request_accept
from collection.deferments.models import Deferment
from collection.models import Charge
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.till import CounterPayment, counter_payment_take
from collection.withheld.services import AgentLine, agent_payments_post
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files.pictures import Mask
from taxsys.platform.registers.services import Draft, row_open
from taxsys.platform.staff.models import Staff
from tests.assessment.scans.paper import file_of
from tests.outputs.shelter import ADMINISTRATOR, CO_HOUSEHOLD, EMPLOYER, EX_SPOUSE, HEIR, TODAY, Shelter, opponent_of
from tests.platform.actors import officer, staff_context

DELIVERY = ("預里町六丁目76番76号", "あずけ荘六号館607号", "0719906")


def work(world: Shelter) -> None:
    """Own certificates of all five, two by agents, a payment at the till, a registered delivery address."""
    with world.demo.desk(TODAY, function_id="F-CT-001"):
        for kind, case in world.cases.items():
            _certificate(case.party.pk, relation="self", applicant_id=case.party.pk, hides_address=kind == HEIR)
        protected = world.cases[EX_SPOUSE].party
        opponent = opponent_of(world.cases[EX_SPOUSE])
        _certificate(protected.pk, relation="agent", authority="mandate", applicant_id=opponent.pk)
        stranger = opponent_of(world.cases[ADMINISTRATOR])
        _certificate(opponent.pk, relation="agent", authority="mandate", applicant_id=stranger.pk)
        hold_set(world.cases[CO_HOUSEHOLD].party.pk, reason_ja="試験")
        text, building, zip_code = DELIVERY
        delivery_set(
            DeliveryAddress(
                party=world.cases[EMPLOYER].party, tax_kind="10", address_text=text, building_text=building,
                zip=zip_code, valid_from=TODAY,
            )
        )  # fmt: skip
    _rights_request(world, world.cases[EX_SPOUSE].party.pk)
    papers_keyed(world.demo.chief)
    Finding.objects.create(
        run=AssessmentRun.objects.filter(tax_year=2027).get(), check_id="shelter", severity="review", party=protected,
        message_ja="前年より多い",
    )  # fmt: skip
    _scans(world, protected, opponent)
    month = Charge.objects.filter(method="wage", instalment_no=1, amount_yen__gt=0).order_by("notice_no")[0]
    short = AgentLine(
        payment_key="shelter", line_no=2, written_no=month.notice_no, payer_name="", tax_year=2026, place=1,
        amount_yen=100, paid_on=TODAY, account_on=TODAY,
    )  # fmt: skip
    agent_payments_post([short], file=None, actor="job:test", as_of=TODAY)
    PaymentPrivilege.objects.bulk_create(
        PaymentPrivilege(
            withholder_id=agent, received_on=TODAY, channel="paper", employee_count=3, first_month=date(2026, 12, 1),
            state="approved", decided_on=TODAY, recorded_by="1001", recorded_at=clock.now(),
        )
        for agent in sorted(set(CollectionShare.objects.filter(
            party_id__in=[case.party.pk for case in world.cases.values()], withholder__isnull=False
        ).values_list("withholder_id", flat=True)))
    )  # fmt: skip
    _amendments(world, protected)
    Premises.objects.create(
        premises_no="K2026-90001", party=protected, kind="house", address_text="試験町一丁目1番1号", ground="other",
        evidence_ja="試験", first_year=2027, home_municipality="011002", received_on=TODAY, recorded_by="1001",
        recorded_at=clock.now(), changed_at=clock.now(),
    )  # fmt: skip
    switch = YearSwitch.objects.create(
        tax_year=2027, state="tried", business_on=TODAY, job_run_id=0, requested_by="1001", recorded_at=clock.now()
    )
    CarriedLine.objects.create(
        switch=switch, item="changes", key="shelter", party=protected, fate="check", detail_ja="退職", source_id=0
    )
    _deferment(protected)
    # A number that the protected person and her opponent both claim stands on the work list.
    NumberTask.objects.create(
        kind="collision", party=protected, other_party=opponent, source="shelter", source_label="1行目",
        opened_at=datetime(2026, 11, 19, 10, tzinfo=UTC),
    )  # fmt: skip
    unknown = ReceiptRecord("common", "X1", "confirmed", "case", "9" * 16, 30_000, date(2026, 11, 2), date(2026, 11, 5))
    receipts_post([unknown], actor="job:test", as_of=date(2026, 11, 5))
    with world.demo.desk(TODAY, who=world.demo.cashier, function_id="F-CL-012"):
        charge = Charge.objects.filter(party=protected, state="active").order_by("-due_on").first()
        assert charge is not None
        counter_payment_take(
            CounterPayment(
                staff_no=world.demo.cashier.staff_no, token="shelter", charge_id=charge.pk, amount_yen=1000,
                paid_on=TODAY,
            )
        )  # fmt: skip


def _deferment(protected: Party) -> None:
    """A deferment in force of a protected person."""
    row = Deferment.objects.create(
        number="2026-90001", party=protected, ground="deferment_disaster", from_on=TODAY, until_on=TODAY,
        reason_ja="水害", evidence_ja="り災証明書", state="granted", decided_on=TODAY, recorded_by="2001",
        recorded_at=clock.now(),
    )  # fmt: skip
    charge = Charge.objects.filter(party=protected).order_by("notice_no", "instalment_no")[0]
    row.claims.create(charge=charge, open_yen=1000, due_before=charge.due_on)


def _amendments(world: Shelter, protected: Party) -> None:
    """A case of correction and a refused remission of a protected person."""
    with world.demo.desk(TODAY, function_id="F-PC-022"):
        case = case_open(CaseDraft(protected.pk, TODAY.year, "inquiry", "資料の訂正"), actor_id="1001")
        case_calculate(case.pk)
        relief = relief_receive(ReliefDraft(protected.pk, TODAY.year, "other:half", TODAY, "申立書"), actor_id="1001")
        Relief.objects.filter(pk=relief.pk).update(act_reason_ja="基準を超えるため")
        relief_refuse(relief.pk, decided_by="1002")


def papers_keyed(chief: Staff) -> None:
    """Two bundles of papers: one waits for the looking officer's keyboard, on the other two people differ."""
    looking = officer("5001", permissions=[KEY_PAPERS])
    first, second = (officer(number, permissions=[KEY_PAPERS]) for number in ("5003", "5004"))
    with clock.at(TODAY), using(staff_context(chief)):
        for one, other in ((looking, first), (first, second)):
            draft = BundleDraft(
                title="年金 第1束", form_code="pension", tax_year=2026, arrived_on=TODAY, paper_count=1,
                first_keyer=one, second_keyer=other,
            )  # fmt: skip
            made = bundle_make(draft, actor=chief)
        values = {"filing_kind": "0", "name": "架空　花子", "name_kana": "カクウ　ハナコ"}
        paper_key(made.pk, 1, values, actor=first)
        paper_key(made.pk, 1, {**values, "name": "架空　花江"}, actor=second)


def _rights_request(world: Shelter, party_id: Any) -> None:
    """A protected person asks for the own records: the row and the page from which the package is made."""
    values = {
        "request_kind": "disclose", "party": str(party_id), "applicant": "self", "identity": "運転免許証",
        "received_on": TODAY.isoformat(), "subject_matter": "すべての記録",
    }  # fmt: skip
    with world.demo.desk(TODAY, function_id="registers.enter"):
        row_open(Draft(kind="rights_request", values=values, unit=world.demo.clerk.unit_on(TODAY)), actor=None)


def _certificate(subject_id: Any, **changes: Any) -> None:
    values: dict[str, Any] = {
        "subject_id": subject_id, "identity_check": "licence", "kind": "income", "tax_year": 2026,
        "purpose": "融資・ローン", **changes,
    }  # fmt: skip
    request, _checked = request_accept(RequestDraft(**values))
    try:
        certificate_issue(request.pk)
    except RequestRefused:
        return


def searches(client: Client, world: Shelter) -> None:
    """Searches that find the people of the shelter by name, by their places, and by their opponents."""
    for text in ("忍野", "オシノ", "隠里", "かくれ荘", "新隠里町"):
        client.post("/search/", {"q": text})
    for text in (opponent_of(case).name for case in world.cases.values()):
        client.post("/search/", {"q": text})


def _scans(world: Shelter, protected: Party, opponent: Party) -> None:
    """A masked paper of her opponent, with and without a number, one that waits, and a masked one of hers."""
    clerk = officer("5001")
    area = [[Mask(490, 90, 890, 150)]]
    for party, colour, masks in (
        (opponent, (255, 0, 0), area), (opponent, (250, 0, 0), None), (protected, (245, 0, 0), area),
    ):  # fmt: skip
        facts = PaperFacts(kind="return", arrived_on=date(2026, 2, 20), party_id=party.pk)
        with world.demo.desk(TODAY, function_id="F-PI-023"):
            scan = scan_register(file_of(colour=colour), facts, actor=clerk)
            if masks is not None:
                scan_mask(scan.pk, masks, actor=clerk)
