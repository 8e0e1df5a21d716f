"""Every table of the duty 賦課, gathered for Django; the tables stand beside what they serve."""

from assessment.decisions.models import (
    WITHOUT_PAPERS,
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
from assessment.entry.models import BundlePaper, EntryBundle, Keying, PaperEntry, PaperState
from assessment.extraction.models import ExtractionDefinition, ExtractionRecord
from assessment.items.models import DeskItem, ItemKind, ItemState
from assessment.resident.comparison_models import ComparisonKind, YearComparison
from assessment.resident.loss_models import DifferenceSettlement, LossKind, LossMovement, PaperDifference
from assessment.resident.models import ResidentFacts, ResidentResult
from assessment.resident.moves.models import (
    AfterChange,
    ChangeReason,
    ChangeState,
    EmploymentChange,
    LumpReason,
    NoLumpReason,
)
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
    "WITHOUT_PAPERS",
    "AfterChange",
    "AssessmentRun",
    "BundlePaper",
    "ChangeReason",
    "ChangeState",
    "CollectionMethod",
    "CollectionShare",
    "ComparisonKind",
    "Decision",
    "DecisionCause",
    "DeskItem",
    "DifferenceSettlement",
    "DocumentExclusion",
    "DocumentPlacement",
    "EmploymentChange",
    "EntryBundle",
    "ExtractionDefinition",
    "ExtractionRecord",
    "Finding",
    "FindingSeverity",
    "ItemKind",
    "ItemState",
    "Keying",
    "LevyChange",
    "LossKind",
    "LossMovement",
    "LumpReason",
    "MatchEvent",
    "MatchMethod",
    "NoLumpReason",
    "PaperDifference",
    "PaperEntry",
    "PaperState",
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
