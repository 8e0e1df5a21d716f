"""`manage.py calculate resident-tax --tax-year 2026 < in.jsonl > out.jsonl` (個人住民税の計算の外部利用)."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.resident.calculate import calculate_lines, schema_document
from assessment.resident.rules.pipeline import PARAMS_DIR, PIPELINES, coverage, resident_law
from taxsys.params.errors import MissingParameterError, ParameterError

DEFAULT_CITY = "012041"


class Command(BaseCommand):
    """One JSON line in, one JSON line out; exit status 1 when any line was in error."""

    help = "標準入力の1行1人のJSONについて個人住民税を計算し、同じ順に1行ずつ答えます。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Tax, year, city, explanation."""
        parser.add_argument("tax", choices=["resident-tax"], help="税目")
        parser.add_argument("--tax-year", type=int, default=None, help="課税年度(西暦)")
        parser.add_argument("--city", default=DEFAULT_CITY, help="市区町村コード(空文字列は条例の重ね合わせなし)")
        parser.add_argument("--explain", action="store_true", help="計算過程を付けます(1人あたり約100KBになります)。")
        parser.add_argument("--schema", action="store_true", help="入力と出力のJSON Schemaを出して終わります。")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stream standard input to standard output."""
        if options["schema"]:
            self.stdout.write(json.dumps(schema_document(), ensure_ascii=False, indent=2))
            return
        tax_year = options["tax_year"]
        if tax_year is None:
            raise CommandError("--tax-year で課税年度を指定してください。")
        if tax_year not in PIPELINES or coverage(tax_year).state == "none":
            known = "・".join(str(year) for year in PIPELINES if coverage(year).state != "none")
            raise CommandError(f"課税年度 {tax_year} は計算の対象ではありません。計算できるのは {known} です。")
        if options["city"] and not (options["city"].isascii() and options["city"].isdigit()):
            raise CommandError("--city は市区町村コード(数字6桁)です。")
        if options["city"] and not (PARAMS_DIR / "city" / options["city"]).is_dir():
            raise CommandError(
                f"市区町村コード {options['city']} の条例の値がありません。"
                '法律の値だけで計算するときは --city "" を指定してください。'
            )
        try:
            law = resident_law(tax_year, options["city"])
            has_errors = False
            for text, is_calculated in calculate_lines(sys.stdin.buffer, law, with_steps=options["explain"]):
                has_errors |= not is_calculated
                self.stdout.write(text)
        except (MissingParameterError, ParameterError) as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            sys.stderr.close()
            return
        self.stdout.flush()
        if has_errors:
            sys.exit(1)
