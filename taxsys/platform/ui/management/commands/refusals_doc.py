"""Writes docs/user/refusals.md from the table of refusals."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxsys.platform.refusals import refusals_markdown


class Command(BaseCommand):
    """拒否の一覧を文書にする."""

    help = "Write docs/user/refusals.md from the table of refusals; --check only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check`: exit with an error when the page is not up to date."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare the page."""
        page = Path(settings.BASE_DIR) / "docs" / "user" / "refusals.md"
        text = refusals_markdown()
        if options["check"]:
            if not page.exists() or page.read_text(encoding="utf-8") != text:
                raise CommandError("docs/user/refusals.md is not up to date: run `manage.py refusals_doc`")
            return
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
