"""入力できる様式の一覧."""

from assessment.entry.declaration import PaperForm
from assessment.entry.reports import PENSION_REPORT, WAGE_REPORT
from assessment.entry.returns import NATIONAL_RETURN, RESIDENT_RETURN

FORMS: dict[str, PaperForm] = {one.code: one for one in (WAGE_REPORT, PENSION_REPORT, NATIONAL_RETURN, RESIDENT_RETURN)}
FORM_CHOICES = tuple((one.code, one.title) for one in FORMS.values())
