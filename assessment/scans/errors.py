"""Refusals of the scanned papers, in the words of the desk."""

from assessment.errors import AssessmentError


class ScanRefused(AssessmentError):
    """A paper cannot be registered, masked, opened or withdrawn as asked."""

    code = "S0701"


class ScanHidden(AssessmentError):
    """The paper may show the address of a protected person, or nobody knows yet whose it is."""

    code = "S0702"


class ScanNotFound(AssessmentError):
    """No such paper, or it is not to be seen in its state."""

    code = "S0703"
