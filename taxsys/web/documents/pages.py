"""Pages under docs/: written, or compared with what they should be."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

DOCS = Path(settings.BASE_DIR) / "docs"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table; a bar inside a cell is escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return lines


class PagesCommand(BaseCommand):
    """A command that writes pages; with `--check` it only compares and fails on a difference."""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check`: exit with an error when a page is not up to date."""
        parser.add_argument("--check", action="store_true", help="書き直さず、最新かどうかだけを確かめる")

    def pages(self) -> Mapping[str, str]:
        """Path under docs/ → text."""
        raise NotImplementedError

    def handle(self, *_args: object, **options: object) -> None:
        """Write or compare every page."""
        old = []
        for name, text in self.pages().items():
            path = DOCS / name
            if options["check"]:
                if not path.exists() or path.read_text(encoding="utf-8") != text:
                    old.append(f"docs/{name}")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if old:
            raise CommandError(f"最新ではありません / not up to date: {', '.join(old)}。make docs を実行してください。")
