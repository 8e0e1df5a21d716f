"""Refusals of the desk of withholders."""

from assessment.errors import AssessmentError


class PrivilegeRefused(AssessmentError):
    """An application for, or the end of, the payment privilege cannot be recorded or proposed as asked."""

    code = "S0411"


class DesignationRefused(AssessmentError):
    """A designation number cannot be issued or changed as asked."""

    code = "S0412"
