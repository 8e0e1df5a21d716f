"""`manage.py demo`: the demonstration's year, once per data folder; a second start finds it done."""

import sys
import unicodedata
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment.models import Decision
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from taxsys.web.demo import Demo, DemoStopped, run_year, summary
from taxsys.web.demo.steps import bridge, papers_in
from taxsys.web.demo.walk import city_deliveries

DEMO_PASSWORD = "asahi-demo-2026"  # noqa: S105 -- printed on the console of the demonstration; refused in production
CLERK, CHIEF, CASHIER, CASHIER_CHIEF = "1001", "1002", "2001", "2002"


class Command(BaseCommand):
    """実演の一年を流す."""

    help = "合成都市の個人住民税の一年を、ファイルの受領から決定・調定まで流します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size and seed of the city."""
        parser.add_argument("--city", type=int, default=3000, help="住民数(100〜330000)")
        parser.add_argument("--seed", type=int, default=1, help="乱数の種")
        parser.add_argument("--port", type=int, default=8000, help="画面のポート(案内の表示用)")
        parser.add_argument(
            "--when-told", action="store_true", help="都市を用意したら、標準入力に一行が届くまで待つ（起動用）"
        )
        parser.add_argument("--inline", action="store_true", help="Celeryを使わずこのプロセスで実行する")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the year unless it has been run, and print the table."""
        if not 100 <= options["city"] <= 330_000:
            raise CommandError("住民数(--city)は100から330000までです。")
        if options["when_told"]:
            # The launcher brings the tables up to date meanwhile; without its line there is nothing to do.
            papers_in.spring_files(city_deliveries(options["city"], options["seed"]))
            if not sys.stdin.readline():
                return
        demo_accounts_create({"*": DEMO_PASSWORD}, from_on=date(2025, 4, 1))
        demo = Demo(
            size=options["city"],
            seed=options["seed"],
            clerk=Staff.objects.get(staff_no=CLERK),
            chief=Staff.objects.get(staff_no=CHIEF),
            cashier=Staff.objects.get(staff_no=CASHIER),
            cashier_chief=Staff.objects.get(staff_no=CASHIER_CHIEF),
            say=self.stdout.write,
            inline=options["inline"],
        )
        if Decision.objects.exists():
            self.stdout.write("実演データは作成済みです。")
        else:
            try:
                run_year(demo)
            except DemoStopped as stopped:
                raise CommandError(str(stopped)) from stopped
        for name, figure in summary(demo):
            width = sum(2 if unicodedata.east_asian_width(char) in "FW" else 1 for char in name)
            self.stdout.write(f"  {name}{' ' * (36 - width)}{figure}")
        self.stdout.write(
            f"実演用の職員番号: {CLERK}(担当) {CHIEF}(係長) {CASHIER}(納税管理課)  パスワード: {DEMO_PASSWORD}"
        )
        for line in bridge.example_lines(options["port"]):
            self.stdout.write(line)
