"""`manage.py restore_proofs`: what a restored installation must prove before anybody works with it (R-273)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.test import Client

from addressbook.permissions import LEGAL_BASE_TAX
from addressbook.services.keys import numbers_sample_open
from collection.selectors.proofs import prove_ledger
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.models import AccessEvent, Epoch
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.audit.services import AccessRow, access_record_many
from taxsys.platform.audit.signing import signer
from taxsys.platform.audit.verifying import verify_log

SAMPLE = 50
EVENTS = 20
# What the proofs themselves or a sign-in may write.
_MOVING = frozenset({"django_session"})


class Command(BaseCommand):
    """復元した環境の証明."""

    help = "復元した環境の証明：件数と中身の照合、元帳0円、封印、個人番号の復号、画面の応答"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to write before, what to compare with, and which way of restoring is proved."""
        parser.add_argument("--write", metavar="目印", default="", help="目印の付いたアクセス記録を書いて封印する")
        parser.add_argument("--save", type=Path, metavar="ファイル", help="件数と中身の要約を保存する")
        parser.add_argument("--compare", type=Path, metavar="ファイル", help="保存した要約と照合する")
        parser.add_argument("--next-epoch", action="store_true", help="--compare と共に: 別の環境でも封印が続く")
        parser.add_argument("--without-keys", action="store_true", help="鍵がなければ個人番号を開けないことを証明する")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked, in this order; CommandError on the first proof that fails."""
        who = AccessContext(
            actor_kind="system", actor_id="restore_proofs", function_id="restore_proofs", legal_base=LEGAL_BASE_TAX,
            purpose="復旧訓練", request_id="restore",
        )  # fmt: skip
        with using(who):
            if options["write"]:
                self._write(options["write"])
            if options["save"]:
                options["save"].write_text(json.dumps(contents(), sort_keys=True), encoding="utf-8")
            if options["compare"]:
                kept = json.loads(options["compare"].read_text(encoding="utf-8"))
                self._compare(kept)
                self._books_and_log()
                self._numbers()
                self._pages()
                if options["next_epoch"]:
                    self._next_epoch(int(kept["audit_epoch"][0]))
            if options["without_keys"]:
                self._keyless()

    def _write(self, mark: str) -> None:
        for number in range(EVENTS):
            access_record_many([AccessRow(action="view", record_type="restore_drill", record_id=f"{mark}-{number}")])
        seal_pending()

    def _compare(self, kept: dict[str, list[str]]) -> None:
        found = contents()
        differing = sorted(table for table in {*kept, *found} if kept.get(table) != found.get(table))
        _ensure(not differing, f"件数または中身が違う表：{'、'.join(differing)}")
        _ensure(
            not AccessEvent.objects.filter(record_id__startswith="lost-").exists(), "指定した時点より後の記録がある"
        )
        rows = sum(int(count) for count, _ in found.values())
        self.stdout.write(f"  件数・中身：{len(found)}表 {rows:,}行が一致")

    def _books_and_log(self) -> None:
        wrong = [check.title_ja for check in prove_ledger().checks if not check.is_ok]
        _ensure(not wrong, f"元帳の証明：{'、'.join(wrong)}")
        found = verify_log(public=signer().public)
        _ensure(found.is_ok, f"アクセス記録：{found.faults[:1]}")
        self.stdout.write(f"  元帳：差0円　アクセス記録：封印{found.seals:,}個 {found.sealed:,}件に異常なし")

    def _numbers(self) -> None:
        self.stdout.write(f"  個人番号：{numbers_sample_open(SAMPLE)}件を復号")

    def _pages(self) -> None:
        client = Client(HTTP_HOST="127.0.0.1")
        answers = [client.get(path).status_code for path in ("/healthz", "/readyz", "/sign-in")]
        # The proof stands on no registered terminal: the door answers that it is closed to it.
        _ensure(answers[:2] == [200, 200] and answers[2] in {200, 403}, f"画面の応答：{answers}")
        self.stdout.write("  画面：サインインまで応答")

    def _next_epoch(self, before: int) -> None:
        self._write("after")
        _ensure(Epoch.objects.count() == before + 1, "クラスターが変わったのに世代が変わっていない")
        found = verify_log(public=signer().public)
        _ensure(found.is_ok and found.unsealed == 0, f"世代が変わった後のアクセス記録：{found.faults[:1]}")
        self.stdout.write(f"  封印：第{before + 1}世代で続き、{found.sealed:,}件に異常なし")

    def _keyless(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vault.sealed_count()")
            if not cursor.fetchone()[0]:
                self.stdout.write("  個人番号：登録がないため確かめていない")
                return
        try:
            with transaction.atomic():
                opened = numbers_sample_open(SAMPLE)
        except Exception as refused:
            self.stdout.write(f"  個人番号：開けない（{type(refused).__name__}）")
        else:
            raise CommandError(f"鍵がないのに個人番号が{opened}件開けました。")


def _ensure(holds: bool, fault_ja: str) -> None:
    if not holds:
        raise CommandError(f"証明が成り立ちません。{fault_ja}")


def contents() -> dict[str, list[str]]:
    """Rows and an order-free sum over the text of every row, table by table; numbers by key version."""
    found: dict[str, list[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for table in sorted(set(connection.introspection.table_names(cursor)) - _MOVING):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*)::text, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {name} AS t"  # noqa: S608
            )
            found[table] = list(cursor.fetchone())
        cursor.execute("SELECT coalesce(sum(rows), 0)::text FROM vault.sealed_count()")
        found["vault.number"] = [cursor.fetchone()[0], ""]
    return found
