"""Rights of the duty 賦課."""

from taxsys.platform.staff.catalogue import Permission

_UNITS = ("市民税課",)

RUN_ASSESSMENT = Permission(
    "assessment.run",
    "課税計算の実行",
    actions=frozenset({"create", "update"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-PI-030",),
)
RELEASE_ASSESSMENT = Permission(
    "assessment.release",
    "賦課決定(出力解放)",
    actions=frozenset({"approve"}),
    risk="money",
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-PI-031",),
)
PRINT_NOTICES = Permission(
    "assessment.print_notices",
    "税額通知の作成",
    actions=frozenset({"create", "print"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DC-001", "F-DC-002"),
)
RELEASE_NOTICES = Permission(
    "assessment.release_notices",
    "税額通知の発送承認",
    actions=frozenset({"approve"}),
    risk="personal",
    step_up=True,
    four_eyes=True,
    default_units=_UNITS,
    default_roles=("chief",),
    function_ids=("F-DC-002",),
)
PREVIEW_NOTICE = Permission(
    "assessment.preview_notice",
    "税額通知のプレビュー",
    actions=frozenset({"view"}),
    risk="personal",
    default_units=_UNITS,
    default_roles=("clerk", "chief"),
    function_ids=("F-DC-001",),
)

PERMISSIONS = (RUN_ASSESSMENT, RELEASE_ASSESSMENT, PRINT_NOTICES, RELEASE_NOTICES, PREVIEW_NOTICE)
