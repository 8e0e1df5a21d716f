"""不開示の登録: what of the log is not told to the person it is about, each with its ground (個人情報保護法78条1項).

An app registers its functions, jobs and kinds of record. What is withheld leaves no trace on the paper: even to say
that such a record exists could tell what must not be told (同法81条).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """不開示の一件. `function` is a function or job id, or its beginning when it ends with a dot or a hyphen;
    `record_type` narrows or stands alone. `unless_protected`: the protected person itself may be told."""

    ground_ja: str
    function: str = ""
    record_type: str = ""
    unless_protected: bool = False

    def covers(self, function_id: str, record_type: str, *, is_protected: bool) -> bool:
        """Whether an event of this function about this kind of record is withheld."""
        if self.unless_protected and is_protected:
            return False
        is_prefix = self.function[-1:] in (".", "-")
        by_function = function_id.startswith(self.function) if is_prefix else function_id == self.function
        return (not self.function or by_function) and (not self.record_type or record_type == self.record_type)


_rows: list[Withheld] = []


def withheld_register(row: Withheld) -> None:
    """Register a row (AppConfig.ready); the same again changes nothing. Raises ValueError where it names nothing."""
    if not row.function and not row.record_type:
        raise ValueError("a withheld row names a function or a kind of record")
    if row not in _rows:
        _rows.append(row)


def ground_of(function_id: str, record_type: str, *, is_protected: bool) -> str:
    """The ground on which such an event is withheld; "" where it is told."""
    found = (row.ground_ja for row in _rows if row.covers(function_id, record_type, is_protected=is_protected))
    return next(found, "")
