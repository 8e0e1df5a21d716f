"""`manage.py conformance FILE…`: run worked cases and compare every figure (検証事例の実行)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taxsys.web.conformance.runner import CaseFileError, line_of, outcomes, read_case_file


class Command(BaseCommand):
    """One line per case, closing line `N passed, N failed`, exit status 1 on any failure."""

    help = "検証事例のファイルを実行し、数値を1円単位で照合します。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Files in the form of the published cases."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="事例ファイル(JSON)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all files; a file that cannot be read stops the command before anything is run."""
        try:
            files = [read_case_file(Path(name)) for name in options["files"]]
        except CaseFileError as error:
            raise CommandError(str(error)) from error
        passed = failed = 0
        for file in files:
            for outcome in outcomes(file):
                passed += outcome.status == "passed"
                failed += outcome.status == "failed"
                self.stdout.write(line_of(outcome))
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            sys.exit(1)
