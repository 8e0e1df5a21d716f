"""機能: receiving, looking at and handing over files."""

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "files.view",
    "受領・提供ファイルの照会",
    actions=frozenset({"view", "search"}),
    default_roles=("clerk", "chief", "operator"),
)
RECEIVE = Permission(
    "files.receive",
    "ファイルの受領",
    actions=frozenset({"create"}),
    default_roles=("clerk", "chief", "operator"),
)
RELEASE = Permission(
    "files.release",
    "提供ファイルの引渡し",
    actions=frozenset({"provide", "export"}),
    risk="personal",
    step_up=True,
    four_eyes=True,
    default_roles=("chief",),
)

PERMISSIONS = (VIEW, RECEIVE, RELEASE)
