"""Refusals of corrections and remissions, in the words of the desk."""

from assessment.errors import AssessmentError


class AmendmentRefused(AssessmentError):
    """A case of correction, a remission or a replacement of legal values cannot go on as asked."""

    code = "S0601"
