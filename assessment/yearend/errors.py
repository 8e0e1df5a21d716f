"""Refusals of the change of year."""

from assessment.errors import AssessmentError


class SwitchRefused(AssessmentError):
    """A switch cannot be tried or carried out as things stand."""

    code = "S0441"
