"""Refusals of the duty 賦課, in the words of the desk."""


class AssessmentError(Exception):
    """Base: `code` for the help desk, `message_ja` for the person, `field` of the form where one is meant."""

    code = "S0001"
    is_retryable = False

    def __init__(self, message_ja: str, *, field: str = "") -> None:
        super().__init__(f"{self.code} {message_ja}")
        self.message_ja = message_ja
        self.field = field


class DocumentNotFound(AssessmentError):
    """No such source document."""

    code = "S0101"


class MatchRefused(AssessmentError):
    """A paper cannot be bound or released as asked."""

    code = "S0102"


class PlacementRefused(AssessmentError):
    """The place of a paper is empty, or holds a My Number."""

    code = "S0103"


class EntryRefused(AssessmentError):
    """A paper cannot be registered, or a bundle cannot be worked on, as asked."""

    code = "S0104"


class RunNotReady(AssessmentError):
    """A run is not in the state that the step needs."""

    code = "S0201"


class CalculationNotFound(AssessmentError):
    """A run has no calculation of this person."""

    code = "S0202"


class FindingRefused(AssessmentError):
    """A finding cannot be settled as asked."""

    code = "S0301"


class ExtractionRefused(AssessmentError):
    """An extraction asks for what may not be extracted, or for more than its limit."""

    code = "S0501"
