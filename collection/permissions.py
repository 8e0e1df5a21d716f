"""Rights of the duty 収納."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("納税管理課",)

POST_RECEIPTS = Permission(
    "collection.post_receipts",
    "収納データの取込・消込",
    actions=frozenset({"create"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-020",),
)
ISSUE_SLIPS = Permission(
    "collection.issue_slips",
    "納付書の発行",
    actions=frozenset({"create", "print"}),
    risk="money",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-CL-010",),
)

PERMISSIONS = (POST_RECEIPTS, ISSUE_SLIPS)
