"""項目の値: from what was typed to what is stored (JSON), to what is shown and written out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from taxsys.kernel import wareki
from taxsys.platform.registers import registry
from taxsys.platform.registers.declaration import ANSWERS, Field, Kind, Values
from taxsys.platform.ui.templatetags.house import yen_text

_ANSWER_JA = dict(ANSWERS)


def stored(value: Any) -> Any:
    """The JSON of a cleaned form value."""
    return value.isoformat() if isinstance(value, date) else value


def shown(field: Field, value: Any) -> str:
    """The words of a stored value on screen, in a list and in an export; "" for none."""
    if value in (None, "", {}):
        return ""
    if field.type == "date":
        return wareki.format_short(date.fromisoformat(value))
    if field.type == "yen":
        return yen_text(value)
    if field.type == "count":
        return f"{value:,}{field.unit_ja}"
    if field.type == "flag":
        return "はい" if value else "いいえ"
    if field.type == "choice":
        return dict(field.choices).get(value, str(value))
    if field.type == "checklist":
        given = [answer for answer in value.values() if answer in _ANSWER_JA]
        return f"回答{len(given)}項目（否{sum(answer == 'no' for answer in given)}）"
    if field.type == "link":
        return registry.link_get(field.links_to).show(value).label
    return str(value)


def search_words(kind: Kind, values: Values) -> str:
    """The text that the search of the list looks through: typed words and choices, none of the party's."""
    words = [
        shown(one, values.get(one.name))
        for one in kind.fields
        if one.type in {"text", "long", "choice", "staff"} and values.get(one.name)
    ]
    return "\n".join(words).casefold()


def subjects_of(kind: Kind, values: Mapping[str, Any]) -> list[str]:
    """Keys of the parties a row speaks of."""
    fields = [one for one in kind.fields if one.type == "link" and registry.link_get(one.links_to).is_party]
    return sorted({str(values[one.name]) for one in fields if values.get(one.name)})
