"""Rights of the bridge."""

from taxsys.platform.staff.catalogue import Permission

IMPORT_DOCUMENTS = Permission(
    "eltax_bridge.import_documents",
    "課税資料の取込",
    actions=frozenset({"create"}),
    risk="number",
    legal_base="番号法9条1項・別表24",
    default_units=("市民税課",),
    function_ids=("F-PI-003",),
)

PERMISSIONS = (IMPORT_DOCUMENTS,)
