"""機能: the job console. What a job itself needs (request, release) is declared with the job."""

from taxsys.platform.staff.catalogue import Permission

VIEW = Permission(
    "jobs.view",
    "バッチの状況照会",
    actions=frozenset({"view"}),
    default_roles=("operator", "maintainer", "chief", "clerk", "auditor"),
)
OPERATE = Permission(
    "jobs.operate",
    "バッチの実行依頼・開始・停止・再開・破棄",
    actions=frozenset({"create", "update"}),
    default_roles=("operator", "chief"),
)
RELEASE = Permission(
    "jobs.release",
    "バッチの承認・出力解放",
    actions=frozenset({"update"}),
    four_eyes=True,
    default_roles=("chief",),
)
DOWNLOAD = Permission(
    "jobs.download",
    "バッチ成果物の取出し",
    actions=frozenset({"export"}),
    risk="personal",
    default_roles=("chief",),
)

PERMISSIONS = (VIEW, OPERATE, RELEASE, DOWNLOAD)
