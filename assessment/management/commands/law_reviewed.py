"""法定値が審査済か確かめる・記録する: `manage.py law_reviewed` fails where a set is not the reviewed one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.resident.reviewed import REVIEWED_FILE, law_refusal_ja
from assessment.resident.rules.pipeline import TAX_YEARS, resident_law

_HEAD = """# 審査済の法定値の指紋。manage.py law_reviewed --write が書く。
# 法定値のファイルを変えたときは、差分を二人で出典と照らし、同じ変更でここも改める。違う指紋の計算は試算を除き拒まれる。
[reviewed]
"""


class Command(BaseCommand):
    """Compare every year's set with its reviewed fingerprint, or write the fingerprints of the sets as they are."""

    help = "法定値が審査済の指紋と同じか確かめる(--write で審査済として記録する)"

    def add_arguments(self, parser: CommandParser) -> None:
        """`--write` records the sets of this code as reviewed."""
        parser.add_argument("--write", action="store_true", help="今の法定値を審査済として書き込む")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError naming each year whose set is not the reviewed one."""
        code = settings.TAXSYS_MUNICIPALITY_CODE
        laws = {year: resident_law(year, code) for year in TAX_YEARS}
        if options["write"]:
            lines = "".join(f'"{code}/{year}" = "{law.hash}"\n' for year, law in laws.items())
            REVIEWED_FILE.write_text(_HEAD + lines, encoding="utf-8")
            self.stdout.write(f"{len(laws)}年度分の指紋を書きました。")
            return
        refusals = [refusal for law in laws.values() if (refusal := law_refusal_ja(law, code))]
        if refusals:
            raise CommandError("\n".join(refusals))
        self.stdout.write(f"{len(laws)}年度分の法定値は審査済のものです。")
