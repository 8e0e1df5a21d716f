"""`manage.py glossary_doc`: writes docs/glossary.md; `--unknown` lists words of our tables that it does not know."""

from collections.abc import Mapping

from django.core.management.base import CommandParser

from taxsys.web.documents.glossary import glossary_pages, model_names, terms, unknown_words
from taxsys.web.documents.pages import PagesCommand


class Command(PagesCommand):
    """用語集を作る."""

    help = "docs/glossary.md を glossary.csv から作ります。--unknown は用語集にない語を列挙します(助言)。"

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` and `--unknown`."""
        super().add_arguments(parser)
        parser.add_argument("--unknown", action="store_true", help="用語集にないモデル・項目の語を列挙する")

    def pages(self) -> Mapping[str, str]:
        """The page."""
        return glossary_pages()

    def handle(self, *args: object, **options: object) -> None:
        """Write, compare, or list."""
        if options["unknown"]:
            for word, times in unknown_words(model_names(), terms()).items():
                self.stdout.write(f"{times:4} {word}")
            return
        super().handle(*args, **options)
