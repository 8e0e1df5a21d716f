"""機能: the search box."""

from taxsys.platform.staff.catalogue import Permission

SEARCH = Permission(
    "search.search",
    "検索",
    actions=frozenset({"search"}),
    risk="personal",
    legal_base="地方税法（賦課徴収事務）",
    default_roles=("clerk", "chief"),
)

PERMISSIONS = (SEARCH,)
