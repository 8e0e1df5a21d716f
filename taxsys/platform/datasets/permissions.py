"""機能: looking at datasets and exporting them are two rights (R-233)."""

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "datasets.view",
    "データセットの一覧",
    actions=frozenset({"view"}),
    default_roles=("clerk", "chief", "auditor", "administrator"),
)
EXPORT = Permission(
    "datasets.export",
    "データセットの書出し",
    actions=frozenset({"export"}),
    risk="personal",
    step_up=True,
    default_roles=("chief", "administrator"),
)

PERMISSIONS = (VIEW, EXPORT)
