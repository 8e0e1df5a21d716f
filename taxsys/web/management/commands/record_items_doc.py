"""`manage.py record_items_doc`: writes docs/privacy/record-items.md from the data dictionary."""

from collections.abc import Mapping

from taxsys.web.documents.pages import PagesCommand
from taxsys.web.documents.record_items import record_item_pages


class Command(PagesCommand):
    """記録項目一覧を作る."""

    help = "docs/privacy/ の記録項目一覧をデータ辞書から作ります。--check は最新かどうかだけを確かめます。"

    def pages(self) -> Mapping[str, str]:
        """The pages of docs/privacy/."""
        return record_item_pages()
