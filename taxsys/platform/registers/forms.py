"""入力画面: forms made of the declaration of a kind or a step."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from taxsys.platform.registers import registry
from taxsys.platform.registers.declaration import ANSWERS, Field, Kind, Step
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.selectors import row_choices, units_with_rows
from taxsys.platform.registers.values import stored
from taxsys.platform.staff.models import Staff, Unit
from taxsys.platform.ui.forms import WarekiDateField, YenField

_PICK = ("", "選んでください")
_ITEM = "__"  # between the field and the item of a checklist in the names of a form


class CountField(forms.IntegerField):
    """件数・枚数: a whole number with its unit beside it."""

    def __init__(self, *, unit_ja: str, **options: Any) -> None:
        self.unit_ja = unit_ja
        super().__init__(min_value=0, max_value=999_999_999, **options)
        self.widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "tx-input--number"})


def form_field(one: Field, *, required: bool, kept: str = "") -> forms.Field:
    """The form's field for a declared one."""
    shared: dict[str, Any] = {"label": one.title_ja, "required": required, "help_text": one.help_ja}
    if one.type == "date":
        # Without words of its own the field keeps the house's examples of how to type a date.
        options = shared if one.help_ja else {name: shared[name] for name in ("label", "required")}
        return WarekiDateField(**options)
    if one.type == "yen":
        return YenField(**shared)
    if one.type == "count":
        return CountField(unit_ja=one.unit_ja, **shared)
    if one.type == "choice":
        return forms.ChoiceField(choices=[_PICK, *one.choices], **shared)
    if one.type == "flag":
        return forms.ChoiceField(choices=[_PICK, ("yes", "はい"), ("no", "いいえ")], **shared)
    if one.type == "row":
        return forms.ChoiceField(choices=[_PICK, *row_choices(one.links_to, kept=kept)], **shared)
    if one.type == "link":
        return forms.CharField(max_length=40, **{**shared, "help_text": registry.link_get(one.links_to).help_ja})
    if one.type == "staff":
        return forms.CharField(max_length=20, **{**shared, "help_text": one.help_ja or "職員番号を入力してください。"})
    widget = forms.Textarea(attrs={"rows": 4}) if one.type == "long" else None
    return forms.CharField(max_length=2000 if one.type == "long" else one.max_length, widget=widget, **shared)


class RowForm(forms.Form):
    """一行の入力: `fields` of the kind; a checklist becomes a question for each of its items."""

    def __init__(
        self,
        kind: Kind,
        fields: Sequence[Field],
        data: Any = None,
        *,
        row: RegisterRow | None = None,
        required: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.declared = tuple(fields)
        values = row.values if row is not None else {one.name: one.initial for one in fields}
        super().__init__(data, initial=_initial(fields, values))
        for one in fields:
            if one.type == "checklist":
                for item in one.items() if one.items else ():
                    hint = f"（{item.ground_ja}）" if item.ground_ja else ""
                    self.fields[f"{one.name}{_ITEM}{item.code}"] = forms.ChoiceField(
                        label=f"{item.title_ja}{hint}", choices=[("", "未回答"), *ANSWERS], required=False
                    )
            else:
                needed = one.required or one.name in required
                self.fields[one.name] = form_field(one, required=needed, kept=str(values.get(one.name) or ""))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading of a checklist or "", its questions) in the order of the declaration, for the template."""
        drawn: list[tuple[str, list[forms.BoundField]]] = []
        for one in self.declared:
            if one.type == "checklist":
                names = [f"{one.name}{_ITEM}{item.code}" for item in (one.items() if one.items else ())]
                drawn.append((one.title_ja, [self[name] for name in names]))
            elif drawn and not drawn[-1][0]:
                drawn[-1][1].append(self[one.name])
            else:
                drawn.append(("", [self[one.name]]))
        return drawn

    def clean(self) -> dict[str, Any]:
        """Links and staff numbers must exist."""
        cleaned: dict[str, Any] = super().clean() or {}
        for one in self.declared:
            typed = cleaned.get(one.name)
            if one.type == "link" and typed:
                target = registry.link_get(one.links_to).find(str(typed).strip())
                if target is None:
                    self.add_error(
                        one.name,
                        f"この{registry.link_get(one.links_to).title_ja}は見つかりません。番号を確かめてください。",
                    )
                else:
                    cleaned[one.name] = target.key
            if one.type == "staff" and typed and not Staff.objects.filter(staff_no=str(typed).strip()).exists():
                self.add_error(one.name, "この職員番号は登録されていません。番号を確かめてください。")
        return cleaned

    def values(self) -> dict[str, Any]:
        """The stored values of what was entered; call it on a valid form."""
        found: dict[str, Any] = {}
        for one in self.declared:
            if one.type == "checklist":
                items = one.items() if one.items else ()
                answers = {item.code: self.cleaned_data.get(f"{one.name}{_ITEM}{item.code}", "") for item in items}
                found[one.name] = {code: answer for code, answer in answers.items() if answer}
            elif one.type == "flag":
                found[one.name] = {"yes": True, "no": False}.get(self.cleaned_data[one.name])
            else:
                found[one.name] = stored(self.cleaned_data[one.name])
        return found


def _initial(fields: Sequence[Field], values: Any) -> dict[str, Any]:
    """Stored values as a form shows them."""
    found: dict[str, Any] = {}
    for one in fields:
        value = values.get(one.name)
        if value is None:
            continue
        if one.type == "date":
            found[one.name] = date.fromisoformat(value) if isinstance(value, str) else value
        elif one.type == "flag":
            found[one.name] = "yes" if value else "no"
        elif one.type == "link":
            found[one.name] = registry.link_get(one.links_to).show(value).label
        elif one.type == "checklist":
            found |= {f"{one.name}{_ITEM}{code}": answer for code, answer in value.items()}
        else:
            found[one.name] = value
    return found


class UnitForm(forms.Form):
    """担当所属 and, for an edit, its reason."""

    unit = forms.ChoiceField(label="担当所属")
    reason = forms.CharField(label="変更の理由", required=False, max_length=500)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        active = Unit.objects.filter(is_active=True)
        self.fields["unit"].choices = [(one.code, one.name) for one in active]  # type: ignore[attr-defined]


def step_form(kind: Kind, step: Step, row: RegisterRow, data: Any = None) -> RowForm:
    """The form of a step: its fields, prefilled with what stands there."""
    return RowForm(kind, [kind.field(name) for name in step.fields], data, row=row, required=step.required)


class AttachForm(forms.Form):
    """添付."""

    role = forms.ChoiceField(label="添付の種類")
    file = forms.FileField(label="ファイル", max_length=255, allow_empty_file=True)

    def __init__(self, kind: Kind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        papers = [(one.code, one.title_ja) for one in kind.papers]
        self.fields["role"].choices = [_PICK, *papers, ("other", "その他の資料")]  # type: ignore[attr-defined]


class ListFilter(forms.Form):
    """絞込み of a register's list."""

    q = forms.CharField(label="検索（番号・件名・内容）", required=False, max_length=100)
    state = forms.ChoiceField(label="状態", required=False)
    unit = forms.ChoiceField(label="担当所属", required=False)

    def __init__(self, kind: Kind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        units = [(one.code, one.name) for one in units_with_rows(kind)]
        self.fields["state"].choices = [("", "すべて"), ("working", "完了以外"), *kind.states]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [("", "すべて"), *units]  # type: ignore[attr-defined]
        for name in kind.filters:
            one = kind.field(name)
            self.fields[f"f_{name}"] = forms.ChoiceField(
                label=one.title_ja, required=False, choices=[("", "すべて"), *one.choices]
            )

    def chosen(self) -> dict[str, str]:
        """The filters as the selector takes them; what is not valid filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        plain = {"text": given.get("q", ""), "state": given.get("state", ""), "unit": given.get("unit", "")}
        return {**plain, **{name: given.get(f"f_{name}", "") for name in self.kind.filters}}
