"""アクセス記録の表: the events, the seals behind them, the signed heads, and the reviews."""

from taxsys.platform.audit.models.event import AccessEvent
from taxsys.platform.audit.models.master_write import MasterWrite
from taxsys.platform.audit.models.review import ReviewFinding, ReviewReport, ReviewSignature, WatchedParty
from taxsys.platform.audit.models.seal import Epoch, LogCheck, Seal, SealLeaves, SignedHead

__all__ = [
    "AccessEvent",
    "Epoch",
    "LogCheck",
    "MasterWrite",
    "ReviewFinding",
    "ReviewReport",
    "ReviewSignature",
    "Seal",
    "SealLeaves",
    "SignedHead",
    "WatchedParty",
]
