"""`manage.py prove ledger`: print every proof in Japanese, exit 1 on any difference."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from collection.selectors.proofs import prove_ledger


class Command(BaseCommand):
    """帳簿の証明."""

    help = "帳簿を証明します(差が1円でもあれば終了コード1)。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The subject to prove."""
        parser.add_argument("subject", choices=["ledger"], help="ledger = 元帳")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per proof and the closing word."""
        proof = prove_ledger()
        for check in proof.checks:
            word = (
                "一致"
                if check.is_ok
                else f"不一致 {check.differing:,}件 差額{check.difference_yen:,}円 {check.example_ja}"
            )
            self.stdout.write(f"{check.title_ja}: {check.compared:,}件 {word}")
        self.stdout.write(
            "証明できました(差額0円)。" if proof.is_ok else "証明できません。上の不一致を調べてください。"
        )
        if not proof.is_ok:
            sys.exit(1)
