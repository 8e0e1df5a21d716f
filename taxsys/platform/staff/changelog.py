"""変更記録: master data of staff and rights under django-auditlog, without secrets."""

from auditlog.registry import auditlog

from taxsys.platform.staff.models import (
    ApiClient,
    ApiClientGrant,
    Grant,
    Role,
    RolePermission,
    Staff,
    Terminal,
    Unit,
)


def mask(_value: str) -> str:
    """What the change log shows of a masked field: that it changed, nothing of it."""
    return "＊＊＊"


def register_change_log() -> None:
    """Register the models once; the change log's own rows cannot be altered (migration audit 0003)."""
    for model in (Unit, Role, RolePermission, Grant, Terminal, ApiClientGrant):
        if not auditlog.contains(model):
            auditlog.register(model)
    if not auditlog.contains(Staff):
        auditlog.register(
            Staff,
            exclude_fields=["last_login"],
            mask_fields=["password"],
            mask_callable="taxsys.platform.staff.changelog.mask",
        )
    if not auditlog.contains(ApiClient):
        auditlog.register(ApiClient, mask_fields=["key_hash"], mask_callable="taxsys.platform.staff.changelog.mask")
