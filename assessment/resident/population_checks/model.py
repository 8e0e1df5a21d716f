"""What a population check is: a title, what it guards, what to do, and the SQL that finds the faulty people."""

from dataclasses import dataclass

from assessment.models import FindingSeverity


@dataclass(frozen=True, slots=True)
class PopulationCheck:
    """`sql` selects `party_id` of every faulty row. A STOP is red; a REVIEW is listed and must be settled.

    The clerk reads `title_ja` (what must hold) and `remedy_ja` (where to look, what to do).
    """

    id: str
    title_ja: str
    guards: str
    sql: str
    remedy_ja: str = "原因を直してから計算し直してください。"
    severity: str = FindingSeverity.STOP

    @property
    def message_ja(self) -> str:
        """What stands beside the person's name on the work list."""
        return f"満たされていません: {self.title_ja}。{self.remedy_ja}"


@dataclass(frozen=True, slots=True)
class RowCheck:
    """`faulty` is an SQL condition over one person's rows of the run, true where something is wrong.

    r: result, f: facts, b: party, t: frozen population (may be NULL), p: the adopted papers added up (see rows.py).
    All conditions are asked in one pass over the run. Legal values are parameters named in `law.LAW_VALUES`.
    """

    id: str
    title_ja: str
    guards: str
    faulty: str
    remedy_ja: str = "原因を直してから計算し直してください。"
    severity: str = FindingSeverity.STOP

    @property
    def message_ja(self) -> str:
        """What stands beside the person's name on the work list."""
        return f"満たされていません: {self.title_ja}。{self.remedy_ja}"
