"""アクセス記録の表: the events, the seals behind them, and the signed heads."""

from taxsys.platform.audit.models.event import AccessEvent
from taxsys.platform.audit.models.seal import Epoch, Seal, SealLeaves, SignedHead

__all__ = ["AccessEvent", "Epoch", "Seal", "SealLeaves", "SignedHead"]
