"""変更記録の対象: which models are logged, what of them is masked, and whose record a row is.

django-auditlog sees saves of single objects. Writes that it cannot see (bulk, `update`, SQL) are counted by statement
triggers on the same tables (`watching`), so that none goes unnoticed. Fields of the vault and numbers are never here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditlog.registry import auditlog
from django.db import models

from taxsys.platform.audit import context

_MASK = "taxsys.platform.audit.changes.registering.masked"


@dataclass(frozen=True, slots=True)
class Logged:
    """一つの対象. `party_field`: the field that names the party whose record it is; `silent`: fields not logged."""

    model: type[models.Model]
    masked: tuple[str, ...]
    silent: tuple[str, ...]
    party_field: str

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        """`app.model`, as addresses carry it."""
        return self.model._meta.label_lower

    @property
    def title_ja(self) -> str:
        """The Japanese name of the record."""
        return str(self.model._meta.verbose_name)


_logged: dict[str, Logged] = {}


def masked(value: Any) -> str:
    """What the change log keeps of a masked field: whether there was something, nothing of it."""
    return "" if value in (None, "", "None") else "＊＊＊"


def change_logged(
    model: type[models.Model], *, masked: Sequence[str] = (), silent: Sequence[str] = (), party_field: str = ""
) -> None:
    """Put a model under the change log (AppConfig.ready); registering again changes nothing.

    Raises FieldDoesNotExist for a name that is no field of the model.
    """
    for name in (*masked, *silent, *([party_field] if party_field else [])):
        model._meta.get_field(name)
    entry = Logged(model, tuple(masked), tuple(silent), party_field)
    _logged[entry.label] = entry

    def additional(self: models.Model) -> dict[str, str]:
        return _who(str(getattr(self, f"{party_field}_id")) if party_field else "")

    model.get_additional_data = additional  # type: ignore[attr-defined]  # django-auditlog's hook
    if not auditlog.contains(model):
        auditlog.register(
            model, exclude_fields=list(silent), mask_fields=list(masked), mask_callable=_MASK if masked else None
        )


def _who(party_key: str) -> dict[str, str]:
    """Who acts, in the words of the access log's own context."""
    actor = context.current_or_none()
    told = {"party": party_key} if party_key else {}
    if actor is not None:
        told |= {
            "actor_kind": actor.actor_kind,
            "actor": actor.actor_id,
            "unit": actor.unit_code,
            "terminal": actor.terminal,
            "request": actor.request_id,
        }
    return told


def all_logged() -> list[Logged]:
    """Every model under the change log, by label."""
    return [_logged[label] for label in sorted(_logged)]


def logged_get(label: str) -> Logged | None:
    """The entry of `app.model`, None where it is not logged."""
    return _logged.get(label)
