"""台帳の種類: every kind this app ships."""

from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.kinds import (
    components,
    copies,
    data_entry,
    lookups,
    operations,
    oversight,
    print_orders,
    privacy,
    vendors,
)

SHIPPED: tuple[Kind, ...] = (
    *vendors.KINDS,
    *print_orders.KINDS,
    *data_entry.KINDS,
    *operations.KINDS,
    *components.KINDS,
    *privacy.KINDS,
    *lookups.KINDS,
    *oversight.KINDS,
    *copies.KINDS,
)
