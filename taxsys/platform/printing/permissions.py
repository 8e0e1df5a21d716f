"""機能: packages of printed papers, from the list to the post."""

from taxsys.platform.staff.catalogue import Permission

_ROLES = ("clerk", "chief")

VIEW = Permission(
    "printing.view",
    "印刷物の照会",
    actions=frozenset({"view", "search"}),
    default_roles=(*_ROLES, "auditor", "printer"),
    function_ids=("F-DC-002",),
)
PREVIEW = Permission(
    "printing.preview",
    "印刷物の一通のプレビュー",
    actions=frozenset({"view"}),
    risk="personal",
    default_roles=_ROLES,
    function_ids=("F-DC-001",),
)
HANDLE = Permission(
    "printing.handle",
    "印刷物の引抜き・引渡し・発送の記録",
    actions=frozenset({"update", "export"}),
    default_roles=_ROLES,
    function_ids=("F-DC-008",),
)
RELEASE = Permission(
    "printing.release",
    "印刷物の発送承認",
    actions=frozenset({"approve"}),
    step_up=True,
    four_eyes=True,
    default_roles=("chief",),
    function_ids=("F-DC-002",),
)
RECALL = Permission(
    "printing.recall",
    "印刷物の回収",
    actions=frozenset({"update"}),
    step_up=True,
    default_roles=("chief",),
    function_ids=("F-DC-008",),
)

PERMISSIONS = (VIEW, PREVIEW, HANDLE, RELEASE, RECALL)
