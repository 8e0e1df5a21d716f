"""Refusals of the register of premises."""

from assessment.errors import AssessmentError


class PremisesRefused(AssessmentError):
    """Premises cannot be registered, ended or answered for as asked."""

    code = "S0431"
