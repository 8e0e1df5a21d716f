"""`manage.py law_doc`: writes docs/law/ from rules, legal values and worked cases."""

from collections.abc import Mapping

from taxsys.web.documents.law import law_pages
from taxsys.web.documents.pages import PagesCommand


class Command(PagesCommand):
    """法令と計算の文書を作る."""

    help = "docs/law/ を計算・法定値・検証事例から作ります。--check は最新かどうかだけを確かめます。"

    def pages(self) -> Mapping[str, str]:
        """The pages of docs/law/."""
        return law_pages()
