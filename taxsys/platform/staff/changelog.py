"""変更記録: master data of staff and rights under the change log, without secrets."""

from taxsys.platform.audit.changes.registering import change_logged
from taxsys.platform.staff.models import (
    ApiClient,
    ApiClientGrant,
    Grant,
    Role,
    RolePermission,
    Staff,
    Terminal,
    TerminalCertificate,
    Unit,
)


def register_change_log() -> None:
    """Register the models; the change log's own rows cannot be altered (migration audit 0003)."""
    for model in (Unit, Role, RolePermission, Grant, Terminal, TerminalCertificate, ApiClientGrant):
        change_logged(model)
    change_logged(Staff, masked=("password",), silent=("last_login", "emergency_until"))
    change_logged(ApiClient, masked=("key_hash",))
