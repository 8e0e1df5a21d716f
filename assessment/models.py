"""Every table of the duty 賦課, gathered for Django; the tables stand beside what they serve."""

from assessment.decisions.models import (
    AssessmentRun,
    CollectionMethod,
    CollectionShare,
    Decision,
    DecisionCause,
    Finding,
    FindingSeverity,
    LevyChange,
    RunKind,
    RunRecall,
    RunState,
)
from assessment.resident.comparison_models import ComparisonKind, YearComparison
from assessment.resident.loss_models import DifferenceSettlement, LossKind, LossMovement, PaperDifference
from assessment.resident.models import ResidentFacts, ResidentResult
from assessment.resident.takeover_models import TakenOverFigures
from assessment.sources.models import (
    DocumentExclusion,
    DocumentPlacement,
    MatchEvent,
    MatchMethod,
    SourceDocument,
    SourceKind,
    SourceState,
    SubmissionSummary,
    TaxablePopulation,
    Withholder,
)

__all__ = [
    "AssessmentRun",
    "CollectionMethod",
    "CollectionShare",
    "ComparisonKind",
    "Decision",
    "DecisionCause",
    "DifferenceSettlement",
    "DocumentExclusion",
    "DocumentPlacement",
    "Finding",
    "FindingSeverity",
    "LevyChange",
    "LossKind",
    "LossMovement",
    "MatchEvent",
    "MatchMethod",
    "PaperDifference",
    "ResidentFacts",
    "ResidentResult",
    "RunKind",
    "RunRecall",
    "RunState",
    "SourceDocument",
    "SourceKind",
    "SourceState",
    "SubmissionSummary",
    "TakenOverFigures",
    "TaxablePopulation",
    "Withholder",
    "YearComparison",
]
