"""サブシステムとアクセス権限管理者: which administrator confirms which permissions (R-222), as a table."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subsystem:
    """One subsystem of the PIA: its administrator by office, and the apps whose permissions belong to it."""

    code: str
    title_ja: str
    administrator_ja: str
    apps: tuple[str, ...] = ()


# The first one is the rest: what no other names belongs to the core system.
SUBSYSTEMS = (
    Subsystem(code="core", title_ja="基幹", administrator_ja="情報政策課長"),
    Subsystem(code="collection", title_ja="徴収", administrator_ja="端末設置課長", apps=("delinquency",)),
    Subsystem(code="eltax", title_ja="eLTAX連携", administrator_ja="税制課長", apps=("eltax_bridge",)),
)
BY_CODE = {subsystem.code: subsystem for subsystem in SUBSYSTEMS}


def subsystem_of(permission_code: str) -> Subsystem:
    """The subsystem a permission belongs to, by the app that declares it."""
    app = permission_code.partition(".")[0]
    return next((one for one in SUBSYSTEMS if app in one.apps), SUBSYSTEMS[0])
