"""督促と証明: reminders after each due date, their cards posted; a certificate at the counter, and one refused."""

from datetime import date

from django.db.models import F, Sum

from addressbook.models import Protection
from addressbook.selectors.protections import hidden_parties, protections_standing
from assessment.decisions.selectors import standing_decisions
from certificates.errors import RequestRefused
from certificates.models import CertificateIssue, CertificateRequest
from certificates.services.issue import certificate_issue
from certificates.services.requests import RequestDraft, request_accept
from delinquency.models import Reminder, ReminderState
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.printing.models import Batch, PrintPackage
from taxsys.platform.printing.services import package_hand_over, package_mail
from taxsys.web.demo.steps.notices import CONTRACTOR
from taxsys.web.demo.walk import TAX_YEAR, Demo, DemoStopped

STAGE = "督促"


class Reminders:
    """One round: withdraw what was paid in time after all, extract, let go, print, post."""

    def __init__(self, *, extracted_on: date, issued_on: date, due_until: date) -> None:
        self.extracted_on, self.issued_on, self.due_until = extracted_on, issued_on, due_until

    def __call__(self, demo: Demo) -> None:
        """The desk's own jobs on their days; the chief of the desk lets both runs go."""
        with demo.timed(STAGE):
            if Reminder.objects.filter(state=ReminderState.ISSUED).exists():
                demo.job("B-CL-13-W", {}, self.extracted_on)
            run = demo.job(
                "B-CL-13-S",
                {"issued_on": self.issued_on.isoformat(), "due_until": self.due_until.isoformat()},
                self.extracted_on,
            )
            demo.release(run, who=demo.cashier_chief)
            asked = Reminder.objects.filter(run__job_run_id=run.pk, state=ReminderState.ISSUED).count()
            if asked:
                self._post(demo, self._printed(demo))
        demo.handled(STAGE, asked)

    def _printed(self, demo: Demo) -> JobRun:
        run = demo.job("B-CL-13", {"issued_on": self.issued_on.isoformat()}, self.extracted_on)
        return demo.release(run, who=demo.cashier_chief)

    def _post(self, demo: Demo, run: JobRun) -> None:
        package = PrintPackage.objects.get(job_run_id=run.pk)
        with demo.desk(self.issued_on, who=demo.cashier, function_id="B-CL-13"):
            bulk = package.items.filter(batch=Batch.BULK).count()
            package_hand_over(package.pk, to=CONTRACTOR, bulk_pieces=bulk)
            package_mail(package.pk, posted_on=self.issued_on, mailed_pieces=package.pieces - package.pulled_pieces)


def certificates(demo: Demo) -> None:
    """November: a resident asks for the own income certificate; an opponent of a protected person gets nothing."""
    day = date(TAX_YEAR, 11, 20)
    with demo.desk(day, function_id="F-CT-001"):
        decision = (
            standing_decisions(tax_year=TAX_YEAR)
            .exclude(party_id__in=hidden_parties(on=day))
            .filter(party__state="registered", annual_yen__gt=0)
            .order_by("party__person_no")
            .first()
        )
        if decision is None:
            raise DemoStopped("証明書を交付できる決定がありません。")
        request, _found = request_accept(_draft(decision.party_id, applicant_id=decision.party_id))
        certificate_issue(request.pk)
        protection = (
            Protection.objects.filter(protections_standing(day))
            .exclude(opponent_name="")
            .order_by("party__person_no")
            .first()
        )
        if protection is not None:
            _refused(protection)


def _draft(party_id: object, **changes: object) -> RequestDraft:
    values: dict[str, object] = {
        "subject_id": party_id,
        "relation": "self",
        "identity_check": "licence",
        "kind": "income",
        "tax_year": TAX_YEAR,
        "purpose": "融資・ローン",
        **changes,
    }
    return RequestDraft(**values)  # type: ignore[arg-type]


def _refused(protection: Protection) -> None:
    request, _found = request_accept(
        _draft(
            protection.party_id,
            relation="agent",
            authority="mandate",
            applicant_id=protection.opponent_party_id,
            applicant_name=protection.opponent_name,
        )
    )
    try:
        certificate_issue(request.pk)
    except RequestRefused:
        return
    raise DemoStopped("支援措置の相手方に証明書が交付されました。")


def rows() -> list[tuple[str, str]]:
    """Reminders with yen, what was held or withdrawn; certificates with fees."""
    issued = Reminder.objects.filter(state=ReminderState.ISSUED)
    yen = issued.aggregate(yen=Sum(F("unpaid_yen") + F("fee_yen")))["yen"] or 0
    held = Reminder.objects.filter(state=ReminderState.HELD).count()
    withdrawn = Reminder.objects.filter(state=ReminderState.WITHDRAWN).count()
    fees = CertificateIssue.objects.aggregate(yen=Sum("fee_yen"))["yen"] or 0
    refused = CertificateRequest.objects.filter(state="refused").count()
    return [
        ("督促", f"{issued.count():,}件 {yen:,}円（保留{held:,}件、取消{withdrawn:,}件）"),
        ("証明書", f"{CertificateIssue.objects.count():,}件 手数料{fees:,}円（交付不可{refused:,}件）"),
    ]
