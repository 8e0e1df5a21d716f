"""資料の状態の組: which states a correction, a cancellation or a decision about a repeated paper may act on."""

from assessment.sources.models import SourceState

REPLACEABLE = (SourceState.ACTIVE, SourceState.UNMATCHED, SourceState.ELSEWHERE)
"""Counted, or would be counted as soon as its person is known or lives here."""
