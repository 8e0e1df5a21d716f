"""納期の特例の入力: the application in the order of the paper, and the acts upon it."""

from django import forms

from assessment.withholders.models import ApplicationChannel
from assessment.withholders.services import ACTS_JA, Application
from taxsys.platform.ui.forms import WarekiDateField


class ApplicationForm(forms.Form):
    """納期の特例に関する承認申請書."""

    received_on = WarekiDateField(label="申請日（受付日）")
    channel = forms.ChoiceField(label="経路", choices=ApplicationChannel.choices)
    reception_no = forms.CharField(label="eLTAXの受付番号", max_length=30, required=False)
    employee_count = forms.IntegerField(label="給与の支払を受ける者の数（常時）", min_value=0, max_value=9999)
    first_month = WarekiDateField(label="適用を始める月", help_text="その月のどの日でもかまいません。")

    def application(self) -> Application:
        """What was typed, as the service takes it."""
        return Application(**self.cleaned_data)


class ActForm(forms.Form):
    """起案・取下げ."""

    act = forms.ChoiceField(label="処理", choices=[*ACTS_JA.items(), ("withdraw", "申請の取下げ")])
    ended_on = WarekiDateField(label="取消・取りやめの日", required=False)
    reason = forms.CharField(label="理由", max_length=200, required=False)


class DesignationForm(forms.Form):
    """特別徴収義務者の指定."""

    person_no = forms.CharField(label="宛名番号", max_length=15)
    name = forms.CharField(label="名称（空けると宛名の名称）", max_length=100, required=False)
    number = forms.RegexField(
        label="指定番号（空けると次の番号）", regex=r"^[0-9A-Za-z]{1,12}$", required=False,
        error_messages={"invalid": "指定番号は数字と英字12文字までです。"},
    )  # fmt: skip
    valid_from = WarekiDateField(label="指定の日")
