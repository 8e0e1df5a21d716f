"""元帳の日次証明: every sum two ways, the balances rebuilt from the transfers, receipts received against posted."""

from collections.abc import Iterable, Mapping

from collection.permissions import PROVE_LEDGER
from collection.selectors.overdue import receipt_cut_off
from collection.selectors.proofs import Proof, prove_ledger
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Payload, Stage


def _plan(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _step(_ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    proof = prove_ledger()
    return {"証明": len(proof.checks), "不一致": sum(not check.is_ok for check in proof.checks)}


def proof_csv(proof: Proof) -> bytes:
    """証明書の行: title, compared, differing, yen, example; the example names an account or number, never a person."""
    lines = ["証明,比較件数,不一致件数,差額(円),例"]
    lines += [f"{c.title_ja},{c.compared},{c.differing},{c.difference_yen},{c.example_ja}" for c in proof.checks]
    return ("\r\n".join(lines) + "\r\n").encode()


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    """One gate a proof, red on 1 yen, and the cut-off of receipts: received = posted + suspense + overpaid."""
    proof = prove_ledger()
    ctx.output("元帳証明.csv", "証明", proof_csv(proof), count=len(proof.checks))
    gates = [
        GateResult(
            f"CL-PROOF-{number:02d}",
            check.title_ja,
            check.is_ok,
            count=check.compared,
            detail_ja=f"差額{check.difference_yen:,}円、不一致{check.differing:,}件",
            guards="R-005",
        )
        for number, check in enumerate(proof.checks, start=1)
    ]
    cut_off = receipt_cut_off(ctx.business_on)
    gates.append(
        GateResult(
            "CL-CUTOFF",
            "収納: 受領額と消込・仮受・過誤納の計",
            cut_off.difference_yen == 0,
            detail_ja=f"差額{cut_off.difference_yen:,}円、未取込ファイル{len(cut_off.unposted_files)}件",
            guards="納付済みの人への督促",
        )
    )
    return gates


JOBS = (
    Job(
        id="B-CL-29",
        name_ja="元帳の日次証明",
        app="collection",
        scope="ledger.proof",
        stages=(Stage("証明", _plan, _step, must_succeed=True),),
        gates=(_gates,),
        permission=PROVE_LEDGER,
        calendar="daily 23:30",
        deadline="06:00",
        description_ja="試算表、残高と振替明細、収納と消込、期別、内訳、仮受・過誤納、特別徴収の内訳を1円まで照合します。",
        recovery_ja="不一致があるときは、その日の取込・消込の前に納税管理課へ連絡してください。数字を直さないでください。",
    ),
)
