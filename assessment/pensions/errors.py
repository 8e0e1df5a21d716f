"""Refusals of the desk of pension withholding."""

from assessment.errors import AssessmentError


class PensionStopRefused(AssessmentError):
    """A stop of pension withholding cannot be recorded or withdrawn as asked."""

    code = "S0413"
