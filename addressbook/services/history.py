"""Bitemporal timelines in memory: what a feed record closes and what it adds, before anything is written."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(slots=True)
class Span:
    """One known row: valid on `valid_from <= day < valid_to`. `row_id` is None until it is stored."""

    valid_from: date
    valid_to: date | None
    values: tuple[Any, ...]
    source_seq: int
    row_id: int | None = None
    superseded_seq: int | None = None


@dataclass(slots=True)
class Timeline:
    """The known rows of one party in one table. `compared` leading values decide whether something changed."""

    compared: int
    spans: list[Span] = field(default_factory=list)
    closed: list[Span] = field(default_factory=list)

    def current(self) -> Span | None:
        """The last known row."""
        return max(self.spans, key=lambda span: span.valid_from, default=None)

    def set_from(self, on: date, values: tuple[Any, ...], *, seq: int) -> bool:
        """Let `values` hold from `on` onward; answers whether that changed anything.

        Rows after `on` are closed, a row that reaches over `on` is closed and kept until `on`.
        """
        kept: list[Span] = []
        before: Span | None = None
        later: list[Span] = []
        for span in self.spans:
            if span.valid_to is not None and span.valid_to <= on:
                kept.append(span)
            elif span.valid_from < on:
                before = span
            else:
                later.append(span)
        standing = before if before is not None and not later else later[0] if len(later) == 1 and not before else None
        if (
            standing is not None
            and standing.valid_to is None
            and standing.valid_from <= on
            and standing.values[: self.compared] == values[: self.compared]
        ):
            return False
        for span in later:
            self._close(span, seq)
        if before is not None:
            self._close(before, seq)
            kept.append(Span(before.valid_from, on, before.values, seq))
        kept.append(Span(on, None, values, seq))
        self.spans = kept
        return True

    def put(self, valid_from: date, valid_to: date | None, values: tuple[Any, ...], *, seq: int) -> None:
        """Add a row of a fresh timeline; an empty period is left out."""
        if valid_to is None or valid_to > valid_from:
            self.spans.append(Span(valid_from, valid_to, values, seq))

    def _close(self, span: Span, seq: int) -> None:
        span.superseded_seq = seq
        self.closed.append(span)
