"""Refusals of the desk of pension withholding."""

from assessment.errors import AssessmentError


class PensionStopRefused(AssessmentError):
    """A stop of pension withholding cannot be recorded or withdrawn as asked."""

    code = "S0413"


class ProvisionalRefused(AssessmentError):
    """A 仮徴収 cannot be computed or levied as asked."""

    code = "S0414"
