"""個人番号: the files of spring were checked and approved by two people; the newest waits for its sample."""

from datetime import date

from addressbook.models import NumberFile
from addressbook.services.number_files import files_adopt
from taxsys.web.demo.walk import TAX_YEAR, Demo


def files(demo: Demo) -> None:
    """One act for the standing files; the last one is left to the visitor."""
    waiting = list(NumberFile.objects.filter(state="unapproved").values_list("pk", flat=True))
    with demo.desk(date(TAX_YEAR, 6, 2), function_id="F-CM-016"):
        files_adopt(waiting[:-1], first=demo.clerk, second=demo.chief)


def rows() -> list[tuple[str, str]]:
    """Figures of the closing table."""
    open_ones = NumberFile.objects.filter(settled_at=None).count()
    return [("番号を含むファイル（未承認）", f"{open_ones:,}件")]
