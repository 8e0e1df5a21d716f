"""Tables of the intermediary: provision copies, the register, and the records of what was given."""

from intermediary.models.copies import CopyBatch, CopyRecord, ReplyHold, Revision
from intermediary.models.register import ProvisionCall, ProvisionRecord, ProvisionRequest, RegisterRow

__all__ = [
    "CopyBatch",
    "CopyRecord",
    "ProvisionCall",
    "ProvisionRecord",
    "ProvisionRequest",
    "RegisterRow",
    "ReplyHold",
    "Revision",
]
