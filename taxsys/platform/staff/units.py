"""所属 (R-013): the 13 units of the PIA, and its neighbours (R-126, R-162), put in place after every migration.

A city's own changes are kept.
"""

from typing import Any

from django.apps import apps as registry

UNITS = (
    ("101", "税制課", "division"),
    ("102", "市民税課", "division"),
    ("103", "資産税課", "division"),
    ("104", "納税管理課", "division"),
    ("105", "納税推進課", "division"),
    ("201", "神居支所", "branch"),
    ("202", "江丹別支所", "branch"),
    ("203", "永山支所", "branch"),
    ("204", "東旭川支所", "branch"),
    ("205", "神楽支所", "branch"),
    ("206", "西神楽支所", "branch"),
    ("207", "東鷹栖支所", "branch"),
    ("208", "東部まちづくりセンター", "branch"),
    ("301", "情報政策課", "neighbour"),
    # Divisions that hand papers over, or to which tax data may be transferred by a row of the register.
    ("311", "市民課", "neighbour"),
    ("312", "国民健康保険課", "neighbour"),
    ("313", "長寿社会課", "neighbour"),
    ("314", "介護保険課", "neighbour"),
    ("315", "障害福祉課", "neighbour"),
    ("316", "保護第1課", "neighbour"),
    ("317", "保護第2課", "neighbour"),
    ("318", "保護第3課", "neighbour"),
    ("319", "生活支援課", "neighbour"),
    ("320", "福祉保険課", "neighbour"),
    ("321", "子育て助成課", "neighbour"),
    ("322", "子育て支援課", "neighbour"),
    ("323", "こども保育課", "neighbour"),
    ("324", "健康推進課", "neighbour"),
    ("325", "市営住宅課", "neighbour"),
    ("326", "職員厚生課", "neighbour"),
)


def units_ensure(apps: Any = registry, **_signal: Any) -> None:
    """Create the units that are missing (post_migrate); existing ones are never changed."""
    try:
        unit = apps.get_model("staff", "Unit")
    except LookupError:
        return
    rows = [
        unit(code=code, name=name, kind=kind, sort_order=order)
        for order, (code, name, kind) in enumerate(UNITS, start=1)
    ]
    unit.objects.bulk_create(rows, ignore_conflicts=True)
