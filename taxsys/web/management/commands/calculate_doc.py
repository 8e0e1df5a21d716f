"""`manage.py calculate_doc`: writes docs/api/calculate.md from the calculation's own items, errors and answers."""

from collections.abc import Mapping

from taxsys.web.documents.calculate import calculate_pages
from taxsys.web.documents.pages import PagesCommand


class Command(PagesCommand):
    """計算コマンドの説明を作る."""

    help = "docs/api/calculate.md を計算の項目・誤り・例から作ります。--check は最新かどうかだけを確かめます。"

    def pages(self) -> Mapping[str, str]:
        """The page."""
        return calculate_pages()
