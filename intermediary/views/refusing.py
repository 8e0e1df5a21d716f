"""Shared ways of the register's screens: errors that no input can mend become refusals."""

from taxsys.platform.approvals.errors import AlreadyProposed, ApprovalError
from taxsys.platform.refusals import Refused


def proposal_refused(error: ApprovalError) -> Refused:
    """The refusal page of a proposal that cannot be made now."""
    reason = "already_proposed" if isinstance(error, AlreadyProposed) else error.code
    return Refused("R409", error.message_ja, reason=reason)
