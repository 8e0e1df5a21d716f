"""収納のモデル (models of collection)."""

from collection.models.charges import Charge, ChargeState, InterestRelief, Method, WithheldShare
from collection.models.debit import (
    DebitBatch,
    DebitBatchState,
    DebitMandate,
    DebitRequest,
    DebitRequestState,
)
from collection.models.desk import BankTotal, TillClosing
from collection.models.ledger import (
    Account,
    AccountKind,
    Balance,
    Component,
    EntryReason,
    ErasedTotal,
    JournalEntry,
    Transfer,
)
from collection.models.masters import FORMAT_CHANNELS, Channel, TaxKind
from collection.models.receipts import (
    Allocation,
    Overpayment,
    OverpaymentCause,
    Receipt,
    ReceiptFile,
    ReceiptState,
    Suspense,
    SuspenseReason,
)
from collection.models.slips import Slip, SlipLine, SlipState

__all__ = [
    "FORMAT_CHANNELS",
    "Account",
    "AccountKind",
    "Allocation",
    "Balance",
    "BankTotal",
    "Channel",
    "Charge",
    "ChargeState",
    "Component",
    "DebitBatch",
    "DebitBatchState",
    "DebitMandate",
    "DebitRequest",
    "DebitRequestState",
    "EntryReason",
    "ErasedTotal",
    "InterestRelief",
    "JournalEntry",
    "Method",
    "Overpayment",
    "OverpaymentCause",
    "Receipt",
    "ReceiptFile",
    "ReceiptState",
    "Slip",
    "SlipLine",
    "SlipState",
    "Suspense",
    "SuspenseReason",
    "TaxKind",
    "TillClosing",
    "Transfer",
    "WithheldShare",
]
