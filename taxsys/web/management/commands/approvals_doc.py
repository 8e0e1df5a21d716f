"""`manage.py approvals_doc`: writes docs/approvals.md from the declared kinds of approvals, releases and requests."""

from collections.abc import Mapping

from taxsys.web.documents.approvals import approvals_pages
from taxsys.web.documents.pages import PagesCommand


class Command(PagesCommand):
    """二人で決めることの一覧を作る."""

    help = "docs/approvals.md を決裁・出力解放・届出の宣言から作ります。--check は最新かどうかだけを確かめます。"

    def pages(self) -> Mapping[str, str]:
        """The page."""
        return approvals_pages()
