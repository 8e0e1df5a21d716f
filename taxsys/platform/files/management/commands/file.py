"""`manage.py file …`: taking files in and asking what became of them, on the command line, in Japanese.

Exit status: 0 done · 2 wrong use · 3 refused (duplicate, name, 送付票) · 5 unknown file.
"""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import layouts
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.errors import FilesError
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.selectors import layout_title, received_files, result_file
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import jobs_taking

LISTED = 30


class Command(BaseCommand):
    """ファイルの受領と照会."""

    help = "ファイルの受領・一覧・状況・結果ファイル"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per act."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="操作")
        receive = acts.add_parser("receive", help="ファイルを受領する")
        receive.add_argument("path", type=Path, metavar="ファイル")
        receive.add_argument("--format", required=True, metavar="形式[/版]", help="例: kyuho_315/2021")
        receive.add_argument("--sender", required=True, metavar="送付元")
        receive.add_argument("--channel", default="media", choices=ReceiptChannel.values)
        receive.add_argument("--manifest", type=Path, metavar="送付票", help="NAME.manifest.json")
        acts.add_parser("list", help="最近受領したファイル")
        for name, text in (("show", "一つのファイルの状況"), ("result", "結果ファイル(CSV)を標準出力へ")):
            one = acts.add_parser(name, help=text)
            one.add_argument("file_id", type=UUID, metavar="受領番号")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act as the account of the machine; a refusal is one line on standard error and status 3."""
        who = AccessContext(actor_kind="system", actor_id=f"cli:{getpass.getuser()}"[:60], function_id="files.receive",
                            purpose="ファイルの受領・照会", request_id="cli")  # fmt: skip
        with using(who):
            try:
                getattr(self, f"_{options['act']}")(options)
            except FilesError as error:
                self.stderr.write(f"{error.code} {error.message_ja}")
                sys.exit(3)

    def _receive(self, options: dict[str, Any]) -> None:
        name, _, edition = options["format"].partition("/")
        if name not in layouts.names() or (edition and edition not in {one.edition for one in layouts.editions(name)}):
            known = "、".join(f"{one.name}/{one.edition}" for n in layouts.names() for one in layouts.editions(n))
            raise CommandError(f"形式 {options['format']} の表がありません。使えるもの: {known}")
        try:
            content = options["path"].read_bytes()
            manifest = options["manifest"].read_bytes() if options["manifest"] else b""
        except OSError as error:
            raise CommandError(f"{error.filename} を読めません({error.strerror})。") from error
        received = file_receive(
            name=options["path"].name, content=content, format=options["format"], sender=options["sender"],
            channel=options["channel"], manifest=manifest,
        )  # fmt: skip
        access_record(action="create", record_type="received_file", record_id=str(received.pk))
        self.stdout.write(f"受領番号 {received.pk}  {received.size:,}バイト  SHA-256 {received.sha256}")
        for job in jobs_taking(name):
            self.stdout.write(f"取込み: manage.py job run {job.id} file={received.pk} --wait")

    def _list(self, options: dict[str, Any]) -> None:
        for one in received_files()[:LISTED]:
            self.stdout.write(_line(one))

    def _show(self, options: dict[str, Any]) -> None:
        one = _found(options["file_id"])
        self.stdout.write(_line(one))
        if one.refusal_code:
            self.stdout.write(f"  受付不可 {one.refusal_code} {one.refusal_message}")
        for finding in one.line_errors.order_by("line_no", "id")[:LISTED]:
            self.stdout.write(f"  {finding.line_no:,}行目 {finding.get_severity_display()} {finding.message_ja}")

    def _result(self, options: dict[str, Any]) -> None:
        self.stdout.write(result_file(_found(options["file_id"])).decode("utf-8"), ending="")


def _found(file_id: UUID) -> ReceivedFile:
    found = ReceivedFile.objects.filter(pk=file_id).first()
    if found is None:
        raise CommandError("この受領番号のファイルはありません。manage.py file list で確かめてください。", returncode=5)
    access_record(action="view", record_type="received_file", record_id=str(found.pk))
    return found


def _line(one: ReceivedFile) -> str:
    return (
        f"{one.pk} {one.received_on} {one.get_state_display()} {layout_title(one.format)} {one.name}"
        f" {one.record_count:,}件 行エラー{one.error_count:,}件"
    )
