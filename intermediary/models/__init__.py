"""Tables of the intermediary: provision copies, the register, requests and the records of what was given."""

from intermediary.models.copies import CopyBatch, CopyRecord, ReplyHold, Revision
from intermediary.models.register import PiaTask, ProvisionCall, ProvisionRecord, ProvisionRequest, RegisterRow
from intermediary.models.requests import TransferExecution, TransferRequest

__all__ = [
    "CopyBatch",
    "CopyRecord",
    "PiaTask",
    "ProvisionCall",
    "ProvisionRecord",
    "ProvisionRequest",
    "RegisterRow",
    "ReplyHold",
    "Revision",
    "TransferExecution",
    "TransferRequest",
]
