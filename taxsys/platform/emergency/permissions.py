"""機能: using the emergency rights, and reviewing what was done with them."""

from taxsys.platform.staff.catalogue import Permission

USE = Permission(
    "emergency.use",
    "緊急時の権限の使用",
    actions=frozenset({"create", "update"}),
    step_up=True,
    default_roles=("chief", "administrator"),
)
REVIEW = Permission(
    "emergency.review",
    "緊急時の権限の使用の点検",
    actions=frozenset({"view", "update"}),
    step_up=True,
    four_eyes=True,
    default_roles=("auditor", "administrator"),
)

PERMISSIONS = (USE, REVIEW)
