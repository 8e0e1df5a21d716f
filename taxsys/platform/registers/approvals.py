"""台帳の手続の決裁: what voids a proposed step, and who may not stand behind its approval."""

from taxsys.platform.approvals.models import Approval
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.registry import kind_get
from taxsys.platform.registers.services import persons_apart, step_problems

VOIDED_BY_JA = "台帳の行の変更、手続に要る条件が欠けたとき"


def step_stale(approval: Approval) -> str:
    """Why the proposed step no longer stands: the row changed, or what the step needs is not there any more."""
    content = approval.content
    row = RegisterRow.objects.get(pk=content["row"])
    kind = kind_get(row.kind)
    step = kind.step(content["step"])
    if step is None or row.version != content["version"]:
        return "起案の後に台帳の内容が変わりました。"
    after = {**row.values, **{name: value for name, value in content["after"].items() if name != "_state"}}
    return "".join(step_problems(row, kind, step, after))


def step_concerned(approval: Approval) -> frozenset[str]:
    """Who did the steps that this one checks: nobody approves the own work, nor does a deputy of that one."""
    row = RegisterRow.objects.get(pk=approval.content["row"])
    step = kind_get(row.kind).step(approval.content["step"])
    return frozenset() if step is None else persons_apart(row, step)
