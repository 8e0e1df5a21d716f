"""決定してよいか (may a run be released): what holds a decision back, in the words of the desk."""

from django.conf import settings

from assessment.decisions.services import findings_open
from assessment.models import AssessmentRun, FindingSeverity, RunKind
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.runs.opening import undecidable_year_ja
from taxsys.platform.jobs.models import JobRun


def release_refusal_ja(run: AssessmentRun, municipality_code: str) -> str:
    """Why the run may not be released, or "": unproved year, values that are not law yet, open findings."""
    if run.kind == RunKind.TRIAL:
        return "試算は決定できません。"
    if refusal := undecidable_year_ja(run.tax_year):
        return refusal
    drafts = resident_law(run.tax_year, municipality_code).not_enacted()
    if drafts:
        names = "、".join(one.parameter.title for one in drafts[:3])
        return f"公布されていない法定値({names})を使った計算は決定できません。"
    still_open = findings_open(run)
    if stops := still_open.get(FindingSeverity.STOP, 0):
        return f"停止の検証結果が{stops:,}件あります。原因を直して計算し直してください。"
    if reviews := still_open.get(FindingSeverity.REVIEW, 0):
        return f"要確認の検証結果が{reviews:,}件残っています。「課税計算」の画面で内容を確かめて処理してください。"
    return ""


def job_release_refusal_ja(job_run: JobRun) -> str:
    """The same for the job run behind it (`Release.refuse`)."""
    run = AssessmentRun.objects.filter(job_run_id=job_run.pk).first()
    return release_refusal_ja(run, settings.TAXSYS_MUNICIPALITY_CODE) if run else "計算結果がありません。"
