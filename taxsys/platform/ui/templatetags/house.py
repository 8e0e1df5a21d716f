"""画面の言葉: money, dates, badges and components; loaded in every template."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from taxsys.kernel import wareki as eras
from taxsys.platform.dictionary import purpose_ja
from taxsys.platform.staff.access import has_permission

register = template.Library()
WEEKDAYS = "月火水木金土日"
LEVEL_WORDS = {
    "stop": ("⊘", "禁止"),
    "danger": ("▲", "危険"),
    "caution": ("！", "注意"),
    "info": ("ｉ", "情報"),
    "done": ("✓", "済"),
    "neutral": ("－", "事実"),
}


def yen_text(amount: int | Decimal | None) -> str:
    """`1,234円`, `△1,234円`, empty for None; raises TypeError for a float."""
    if amount is None or amount == "":
        return ""
    if isinstance(amount, float | bool):
        raise TypeError("money is whole yen, never a float")
    value = int(amount)
    return f"△{-value:,}円" if value < 0 else f"{value:,}円"


@register.filter
def yen(amount: int | Decimal | None) -> str:
    """Amount of money as staff read it."""
    return yen_text(amount)


@register.filter
def number(value: int | None) -> str:
    """A count with commas, △ for negatives, no unit."""
    return yen_text(value).removesuffix("円")


@register.filter
def wareki(value: date | datetime | None, style: str = "long") -> str:
    """A date as 令和8年11月20日 (`long`), 令和8年11月20日(金) (`weekday`) or R8.11.20 (`short`)."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if style == "short":
        return eras.format_short(value)
    if style == "weekday":
        return f"{eras.format_long(value)}({WEEKDAYS[value.weekday()]})"
    return eras.format_long(value)


@register.filter
def wareki_year(year: int | None) -> str:
    """A tax year (western) as 令和8年度."""
    return f"{eras.format_year(int(year))}年度" if year else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A recording time as R8.11.20 14:03:05 in Japanese time."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{eras.format_short(local.date())} {local:%H:%M:%S}"


@register.simple_tag
def badge(level: str, text: str) -> SafeString:
    """A badge: icon, hidden word of its level and text; never colour alone. Unknown levels raise KeyError."""
    icon, word = LEVEL_WORDS[level]
    return format_html(
        '<span class="tx-badge tx-badge--{}"><span aria-hidden="true">{}</span>'
        '<span class="tx-hidden">{}：</span>{}</span>',
        level,
        icon,
        word,
        text,
    )


@register.simple_tag(takes_context=True)
def can(context: template.Context, permission_code: str) -> bool:
    """Whether the signed-in officer holds the permission: `{% can "audit.view_log" as may %}`."""
    request = context.get("request")
    return bool(request is not None and has_permission(getattr(request, "user", None), permission_code))


@register.simple_tag
def purpose(field: str) -> str:
    """Why an item is held, for the title of its label (R-148): `{% purpose "addressbook.Party.birth_on" %}`.

    Raises KeyError for a field that is not in the data dictionary.
    """
    return purpose_ja(field)


@register.simple_tag
def wire(field: BoundField) -> SafeString:
    """The field's widget, wired to its label, hint, echo and error for every reader."""
    described = []
    if field.help_text:
        described.append(f"{field.id_for_label}-hint")
    if getattr(field.field.widget, "is_wareki", False):
        described.append(f"{field.id_for_label}-echo")
    attrs: dict[str, Any] = {}
    if field.errors:
        described.append(f"{field.id_for_label}-error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    kind = getattr(field.field.widget, "input_type", "")
    if kind not in {"checkbox", "radio", "hidden", "file"}:
        own = field.field.widget.attrs.get("class", "")
        attrs["class"] = f"tx-input {own}".strip()
    return field.as_widget(attrs=attrs)


@register.filter
def wareki_echo(field: BoundField) -> str:
    """What a date box was read as: 令和8年11月23日（2026-11-23）月曜日; empty when nothing readable stands in it."""
    try:
        value = field.field.to_python(field.value())
    except ValidationError:
        return ""
    return eras.echo(value) if isinstance(value, date) else ""


@register.filter
def is_wareki(field: BoundField) -> bool:
    """Whether the field is a date box with an echo."""
    return bool(getattr(field.field.widget, "is_wareki", False))


@register.filter
def unit_of(field: BoundField) -> str:
    """The unit printed beside the box (円 …), if any."""
    return str(getattr(field.field.widget, "unit", "") or getattr(field.field, "unit_ja", ""))


@register.filter
def widget_kind(field: BoundField) -> str:
    """`choices` for groups of radio buttons and check boxes, `checkbox`, `hidden`, else `box`."""
    widget = field.field.widget
    name = type(widget).__name__
    if name in {"RadioSelect", "CheckboxSelectMultiple"}:
        return "choices"
    if getattr(widget, "input_type", "") == "checkbox":
        return "checkbox"
    return "hidden" if widget.is_hidden else "box"


@register.filter
def get_item(mapping: Any, key: Any) -> Any:
    """The value of a key in a dictionary, or an attribute of an object; empty when there is none."""
    if isinstance(mapping, dict):
        return mapping.get(key, "")
    return getattr(mapping, str(key), "")
