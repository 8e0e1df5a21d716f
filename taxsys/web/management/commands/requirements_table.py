"""`manage.py requirements_table` (`make requirements`): requirement number → tests that prove it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from taxsys.web.documents.requirements import marked_tests


class Command(BaseCommand):
    """要件の網羅表を印字する."""

    help = "要件番号ごとに、それを確かめるテストを印字します(テストの req の印から)。"

    def add_arguments(self, parser: CommandParser) -> None:
        """`--brief`: one line a number."""
        parser.add_argument("--brief", action="store_true", help="番号と件数だけ")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the table and its closing line."""
        found = marked_tests()
        for number, tests in found.items():
            self.stdout.write(f"{number}  {len(tests)}件")
            if not options["brief"]:
                self.stdout.writelines(f"    {test}\n" for test in tests)
        self.stdout.write(
            f"要件 {len(found)}件、印のあるテスト {len({one for ones in found.values() for one in ones})}件"
        )
