"""消去後の証明: what each duty proves after something of its own was erased (ledger 0 yen, seals intact)."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AfterProof:
    """One proof: which families it watches (prefix of their code), and what it found wrong, "" when nothing."""

    code: str
    title_ja: str
    families: str
    fault: Callable[[], str]


_proofs: dict[str, AfterProof] = {}


def after_proof_register(proof: AfterProof) -> None:
    """Let a duty prove itself after an erasure (AppConfig.ready); the same code replaces."""
    _proofs[proof.code] = proof


def proofs_of(family: str) -> list[AfterProof]:
    """The proofs that watch a family."""
    return [proof for _, proof in sorted(_proofs.items()) if family.startswith(proof.families)]
