"""Every address of the house, opened for the people of the shelter: where its arguments come from, and what it answers.

A new URL whose arguments nobody here can supply stops the build: the author adds a line to WAYS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from addressbook.models import DeliveryAddress, NumberFile, NumberTask, PartyLink, Protection
from assessment.amendments.models import AmendmentCase, Relief
from assessment.entry.paper_forms import FORMS
from assessment.models import (
    AssessmentRun,
    BundlePaper,
    CollectionShare,
    Decision,
    EmploymentChange,
    EntryBundle,
    Finding,
    ResidentFacts,
    SourceDocument,
)
from assessment.premises.models import Premises
from assessment.scans.models import ScannedPaper
from assessment.withholders.models import PaymentPrivilege
from assessment.yearend.carrying import ITEMS as CARRIED_ITEMS
from assessment.yearend.models import YearSwitch
from certificates.models import CertificateIssue, CertificateRequest, IssueHold
from collection.closing.models import PeriodClosing, Remittance
from collection.deferments.models import Deferment
from collection.models import Charge, DebitMandate, Receipt, RefundDecision, RefundFile, RefundPayment, Slip, Suspense
from collection.paid_slips.models import PaidSlip, SlipBatch
from collection.remitting.models import FeeClaim
from collection.withheld.models import AgentPayment
from delinquency.models import Reminder, ReminderRun
from intermediary.models import RegisterRow as ProvisionRow
from intermediary.models import TransferExecution, TransferRequest
from taxsys.platform.approvals.models import Approval, Deputy
from taxsys.platform.audit.models import ReviewFinding, ReviewReport
from taxsys.platform.datasets.declaration import datasets
from taxsys.platform.emergency.models import EmergencyUse
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.printing.models import PrintItem, PrintPackage
from taxsys.platform.registers.models import RegisterRow, RowAttachment, RowVersion
from taxsys.platform.registers.registry import all_kinds, kind_get
from taxsys.platform.retention.models import ErasureCertificate, ErasureList
from taxsys.platform.rights.models import Appointment, GrantRequest
from taxsys.platform.search.models import SearchResult
from tests.outputs.shelter import TODAY, Shelter

Arguments = dict[str, Any]
_LAST = 12


@dataclass(frozen=True)
class Answered:
    """One answer to a GET."""

    url_name: str
    arguments: Arguments
    status: int
    content: bytes


def _ids(world: Shelter) -> list[Any]:
    return [party.pk for party in world.people]


def _charges(world: Shelter) -> list[Charge]:
    return list(Charge.objects.filter(party_id__in=_ids(world)).order_by("party_id", "pk"))


def _receipts(world: Shelter) -> list[Arguments]:
    rows = Receipt.objects.filter(allocations__charge__party_id__in=_ids(world)).distinct().order_by("pk")
    return [{"receipt_id": row.pk} for row in rows]


def _counter_receipts(world: Shelter) -> list[Arguments]:
    rows = Receipt.objects.filter(channel="counter", allocations__charge__party_id__in=_ids(world)).distinct()
    return [{"receipt_id": row.pk} for row in rows]


def _decisions(world: Shelter) -> list[Decision]:
    return list(Decision.objects.filter(party_id__in=_ids(world)).order_by("party_id", "tax_year", "version"))


def _documents(world: Shelter) -> list[Arguments]:
    own = SourceDocument.objects.filter(party_id__in=_ids(world)).order_by("pk")
    unmatched = SourceDocument.objects.filter(party__isnull=True).order_by("pk")
    return [{"document_id": row.pk} for row in (*own, *unmatched[:_LAST])]


def _findings(world: Shelter) -> list[Arguments]:
    rows = Finding.objects.order_by("run_id", "check_id").values_list("run_id", "check_id").distinct()
    return [{"run_id": run, "check_id": check} for run, check in rows]


def _items(world: Shelter) -> list[Arguments]:
    keys = {str(key) for key in _ids(world)}
    rows = PrintItem.objects.filter(subjects__subject_key__in=keys).distinct().order_by("pk")
    return [{"package_id": row.package_id, "item_id": row.pk} for row in rows]


def _all(model: Any, name: str, order: str = "pk") -> Callable[[Shelter], list[Arguments]]:
    return lambda world: [{name: row.pk} for row in model.objects.order_by(order)]


# By URL name where the same argument means different things, else by the names of the arguments.
WAYS: dict[str | tuple[str, ...], Callable[[Shelter], list[Arguments]]] = {
    (): lambda world: [{}],
    ("party_id",): lambda world: [{"party_id": pk} for pk in _ids(world)],
    ("charge_id",): lambda world: [{"charge_id": row.pk} for row in _charges(world)],
    ("charge_id", "party_id"): lambda world: [
        {"charge_id": row.pk, "party_id": row.party_id} for row in _charges(world)
    ],
    ("deferment_id", "party_id"): lambda world: [
        {"deferment_id": row.pk, "party_id": row.party_id} for row in Deferment.objects.filter(party_id__in=_ids(world))
    ],
    ("mandate_id", "party_id"): lambda world: [
        {"mandate_id": row.pk, "party_id": row.party_id}
        for row in DebitMandate.objects.filter(party_id__in=_ids(world)).order_by("mandate_no")
    ],
    ("party_id", "tax_year"): lambda world: [
        {"party_id": row.party_id, "tax_year": row.tax_year} for row in _decisions(world)
    ],
    ("party_id", "tax_year", "version"): lambda world: [
        {"party_id": row.party_id, "tax_year": row.tax_year, "version": row.version} for row in _decisions(world)
    ],
    ("change_id",): lambda world: [
        {"change_id": row.pk} for row in EmploymentChange.objects.filter(party_id__in=_ids(world)).order_by("pk")
    ],
    ("withholder_id",): lambda world: [
        {"withholder_id": pk}
        for pk in sorted(
            set(CollectionShare.objects.filter(party_id__in=_ids(world), withholder__isnull=False)
                .values_list("withholder_id", flat=True))
        )
    ],
    ("decision_id",): lambda world: [{"decision_id": row.pk} for row in _decisions(world)],
    "file-book-table": lambda world: [{"name": name} for name in ("register", "items")],
    ("tax_year",): lambda world: [{"tax_year": year} for year in (2026, 2027)],
    ("form_code", "tax_year"): lambda world: [{"form_code": code, "tax_year": TODAY.year} for code in FORMS],
    ("item", "switch_id"): lambda world: [
        {"item": item, "switch_id": row.pk} for row in YearSwitch.objects.order_by("pk") for item in CARRIED_ITEMS
    ],
    ("premises_id",): _all(Premises, "premises_id"),
    ("relief_id",): _all(Relief, "relief_id"),
    ("case_id",): _all(AmendmentCase, "case_id"),
    ("bundle_id",): _all(EntryBundle, "bundle_id"),
    ("paper_id",): _all(BundlePaper, "paper_id"),
    ("document_id",): _documents,
    ("delivery_id", "party_id"): lambda world: [
        {"delivery_id": row.pk, "party_id": row.party_id} for row in DeliveryAddress.objects.all()
    ],
    ("link_id", "party_id"): lambda world: [
        {"link_id": row.pk, "party_id": row.party_id} for row in PartyLink.objects.all()
    ],
    ("receipt_id",): _receipts,
    "collection-receipt-paper": _counter_receipts,
    ("slip_id",): lambda world: [
        {"slip_id": row.pk} for row in Slip.objects.filter(lines__charge__in=_charges(world)).distinct()[:_LAST]
    ],
    ("suspense_id",): _all(Suspense, "suspense_id"),
    ("reminder_id",): lambda world: [
        {"reminder_id": row.pk} for row in Reminder.objects.filter(party_id__in=_ids(world))
    ],
    "delinquency-run": _all(ReminderRun, "run_id"),
    "assessment-run": _all(AssessmentRun, "run_id"),
    "assessment-comparison": _all(AssessmentRun, "run_id"),
    "assessment-run-calculation": lambda world: [
        {"run_id": row.run_id, "party_id": row.party_id}
        for row in ResidentFacts.objects.filter(party_id__in=_ids(world))
    ],
    ("check_id", "run_id"): _findings,
    "assessment-file": _all(ReceivedFile, "file_id"),
    "rights-detail": _all(GrantRequest, "request_id"),
    ("appointment_id",): _all(Appointment, "appointment_id"),
    ("report_id",): _all(ReviewReport, "report_id"),
    ("finding_id", "report_id"): lambda world: [
        {"report_id": row.report_id, "finding_id": row.pk} for row in ReviewFinding.objects.order_by("pk")[:_LAST]
    ],
    ("kind", "record"): lambda world: [
        {"kind": "addressbook.deliveryaddress", "record": str(row.pk)} for row in DeliveryAddress.objects.all()
    ],
    ("day",): lambda world: [{"day": TODAY.isoformat()}],
    ("file_id",): _all(NumberFile, "file_id"),
    ("task_id",): _all(NumberTask, "task_id"),
    "files-received": _all(ReceivedFile, "file_id"),
    "files-result": _all(ReceivedFile, "file_id"),
    "files-issued": _all(OutgoingFile, "file_id"),
    "files-content": _all(OutgoingFile, "file_id"),
    ("row_no",): lambda world: [{"row_no": row.row_no} for row in ProvisionRow.objects.order_by("row_no")[:2]],
    ("dataset_id",): lambda world: [{"dataset_id": one.id} for one in datasets()],
    "provision-table": lambda world: [
        {"file_id": row.pk} for row in ReceivedFile.objects.filter(format="register_table")
    ],
    ("transfer_id",): _all(TransferRequest, "transfer_id"),
    ("execution_id",): _all(TransferExecution, "execution_id"),
    ("request_id",): lambda world: [{"request_id": row.pk} for row in CertificateRequest.objects.all()],
    "collection-refund": _all(RefundDecision, "decision_id"),
    "collection-refund-paper": lambda world: [
        {"decision_id": row.pk} for row in RefundDecision.objects.filter(state="decided").order_by("pk")
    ],
    ("payment_id",): _all(RefundPayment, "payment_id"),
    ("slip_batch_id",): _all(SlipBatch, "slip_batch_id"),
    ("paid_slip_id", "slip_batch_id"): lambda world: [
        {"slip_batch_id": row.batch_id, "paid_slip_id": row.pk} for row in PaidSlip.objects.order_by("pk")
    ],
    ("fee_claim_id",): _all(FeeClaim, "fee_claim_id"),
    ("remittance_id",): _all(Remittance, "remittance_id"),
    ("closing_id",): _all(PeriodClosing, "closing_id"),
    ("refund_file_id",): _all(RefundFile, "refund_file_id"),
    ("issue_id",): _all(CertificateIssue, "issue_id"),
    ("list_id",): _all(ErasureList, "list_id"),
    ("certificate_id",): _all(ErasureCertificate, "certificate_id"),
    ("hold_id",): _all(IssueHold, "hold_id"),
    ("protection_id",): _all(Protection, "protection_id"),
    ("result_id",): lambda world: [{"result_id": row.pk} for row in SearchResult.objects.order_by("pk")],
    ("approval_id",): _all(Approval, "approval_id"),
    ("deputy_id",): _all(Deputy, "deputy_id"),
    ("job_id",): lambda world: [{"job_id": job.id} for job in all_jobs()],
    "jobs-run": _all(JobRun, "run_id"),
    "jobs-run-live": _all(JobRun, "run_id"),
    ("output_id",): _all(JobOutput, "output_id"),
    ("use_id",): _all(EmergencyUse, "use_id"),
    ("package_id",): _all(PrintPackage, "package_id"),
    ("item_id", "package_id"): _items,
    ("agent_payment_id",): _all(AgentPayment, "agent_payment_id"),
    "agent-month": lambda world: [
        {"charge_id": pk}
        for pk in Charge.objects.filter(shares__employee_id__in=_ids(world)).order_by("pk").values_list("pk", flat=True)
        .distinct()[:_LAST]
    ],
    ("privilege_id",): _all(PaymentPrivilege, "privilege_id"),
    ("scan_id",): _all(ScannedPaper, "scan_id"),
    ("page_no", "scan_id"): lambda world: [{"scan_id": row.pk, "page_no": 1} for row in ScannedPaper.objects.all()],
    ("kind_code",): lambda world: [{"kind_code": kind.code} for kind in all_kinds()],
    ("row_id",): _all(RegisterRow, "row_id"),
    ("code", "row_id"): lambda world: [
        {"row_id": row.pk, "code": step.code}
        for row in RegisterRow.objects.order_by("pk") for step in kind_get(row.kind).all_steps
    ],
    ("attachment_id", "row_id"): lambda world: [
        {"row_id": row.row_id, "attachment_id": row.pk} for row in RowAttachment.objects.order_by("pk")
    ],
    ("number", "row_id"): lambda world: [
        {"row_id": row.row_id, "number": row.version} for row in RowVersion.objects.order_by("pk")
    ],
}  # fmt: skip


def url_names(resolver: URLResolver | None = None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, argument names sorted) of every address of the house."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from url_names(entry)
        elif isinstance(entry, URLPattern):
            yield entry.name or "", tuple(sorted(entry.pattern.converters))


def opened(client: Client, world: Shelter, url_name: str, arguments: tuple[str, ...]) -> Iterator[Answered]:
    """The answers of an address for everything that WAYS gives it. Raises KeyError where WAYS has no line."""
    way = WAYS[url_name] if url_name in WAYS else WAYS[arguments]
    for values in way(world):
        answer = client.get(reverse(url_name, kwargs=values))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield Answered(url_name, values, answer.status_code, content)
