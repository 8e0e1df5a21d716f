"""権限の届出・確認の入力."""

from typing import Any

from django import forms

from taxsys.platform.rights.appointments import scope_title
from taxsys.platform.rights.models import Appointment, Confirmation, GrantRequest
from taxsys.platform.rights.subsystems import SUBSYSTEMS, subsystem_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff, Unit
from taxsys.platform.ui.forms import WarekiDateField


def _permission_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue by subsystem, for a list with groups."""
    groups: dict[str, list[tuple[str, str]]] = {one.title_ja: [] for one in SUBSYSTEMS}
    for code, permission in sorted(catalogue().items()):
        groups[subsystem_of(code).title_ja].append((code, f"{permission.title_ja}（{code}）"))
    return [(title, rows) for title, rows in groups.items() if rows]


def _unit_choices() -> list[tuple[str, str]]:
    return [("", "すべて"), *Unit.objects.filter(is_active=True).values_list("code", "name")]


class GrantFilterForm(forms.Form):
    """権限の一覧の絞込み."""

    unit = forms.ChoiceField(label="所属", required=False, choices=_unit_choices)
    staff_no = forms.CharField(label="職員番号", required=False, max_length=20)
    permission = forms.ChoiceField(
        label="機能", required=False, choices=lambda: [("", "すべて"), *_permission_choices()]
    )
    on = WarekiDateField(label="基準日", required=False)


class StaffNoField(forms.CharField):
    """職員番号 of somebody who is there: cleans to the officer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, **options)

    def clean(self, value: Any) -> Any:
        """The officer; ValidationError when nobody has the number."""
        text = super().clean(value)
        staff = Staff.objects.select_related("unit", "transfer_unit").filter(staff_no=text).first()
        if staff is None:
            raise forms.ValidationError("この職員番号の職員はいません。番号を確かめてください。")
        return staff


class GrantRequestForm(forms.Form):
    """権限の届出: whose rights, which, from when to when, and why."""

    action = forms.ChoiceField(
        label="区分", choices=GrantRequest.Action.choices, initial="grant", widget=forms.RadioSelect
    )
    staff = StaffNoField(label="対象の職員番号")
    permissions = forms.MultipleChoiceField(
        label="機能",
        choices=_permission_choices,
        widget=forms.SelectMultiple(attrs={"size": 12}),
        help_text="Ctrlキーを押しながら選ぶと、いくつでも選べます。",
    )
    from_on = WarekiDateField(label="開始日（取消のときは取消日）")
    to_on = WarekiDateField(
        label="終了日（この日から使えなくなります）", required=False, help_text="期限のない付与は空けてください。"
    )
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class AnswerForm(forms.Form):
    """確認の入力: for which side, the decision, and the hash of what was shown."""

    side = forms.ChoiceField(choices=Confirmation.Side.choices, widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=Confirmation.Decision.choices)
    seen_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=300,
        help_text="否認のときは必ず入力してください。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RecertifyForm(forms.Form):
    """棚卸の入力: which grants, and whether they go on."""

    item = forms.MultipleChoiceField(label="権限", error_messages={"required": "権限を選んでください。"})
    decision = forms.ChoiceField(choices=(("keep", "継続"), ("revoke", "取消")))

    def __init__(self, *args: Any, item_ids: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["item"].choices = [(str(pk), str(pk)) for pk in item_ids]  # type: ignore[attr-defined]


def _scope_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    units = [(f"unit_head:{code}", f"所属長：{name}") for code, name in _unit_choices() if code]
    systems = [(f"administrator:{one.code}", f"アクセス権限管理者：{one.title_ja}") for one in SUBSYSTEMS]
    return [("所属長", units), ("アクセス権限管理者", systems), ("税制課", [("tax_system:", "税制課の確認者")])]


def _deputised_choices() -> list[tuple[str, str]]:
    rows = Appointment.objects.filter(to_on__isnull=True).select_related("staff")
    named = [(str(row.pk), f"{row.title_ja}（{scope_title(row.duty, row.scope)}）　{row.staff.name}") for row in rows]
    return [("", "（代理ではない）"), *named]


class AppointmentForm(forms.Form):
    """職責の届出."""

    staff = StaffNoField(label="職員番号")
    office = forms.ChoiceField(label="職責", choices=_scope_choices)
    deputises = forms.ChoiceField(label="代理する相手", required=False, choices=_deputised_choices)
    from_on = WarekiDateField(label="開始日")
    to_on = WarekiDateField(label="終了日（この日から不可）", required=False)


class EndForm(forms.Form):
    """職責の終了."""

    on = WarekiDateField(label="終了日（この日から不可）")
