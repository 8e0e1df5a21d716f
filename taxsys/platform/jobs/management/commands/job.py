"""`manage.py job …`: the job console on the command line, in Japanese.

Exit status: 0 done · 1 the run did not end well (failed, stopped, gate red) · 2 wrong use · 3 refused by state ·
4 refused by right or password · 5 unknown job or run.
"""

from __future__ import annotations

import getpass
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from taxsys.platform.jobs import registry
from taxsys.platform.jobs.errors import JobError, JobForbidden, JobRefused, JobUnknown
from taxsys.platform.jobs.manual import manual_section, manual_write
from taxsys.platform.jobs.models import LIVE_STATES, WORKING_STATES, JobRun, RunState
from taxsys.platform.jobs.schedule import tick
from taxsys.platform.jobs.selectors import gates_red, run_get, run_progress, runs_recent
from taxsys.platform.jobs.services import (
    SystemActor,
    job_approve,
    job_discard,
    job_release,
    job_request,
    job_resume,
    job_run_inline,
    job_start,
    job_stop,
)
from taxsys.platform.jobs.wording import job_lines, run_line, run_report
from taxsys.platform.staff.console import staff_at_console
from taxsys.platform.staff.models import Staff

POLL_SECONDS = 2
TICK_SECONDS = 10
ON_RUN = ("start", "stop", "resume", "release", "approve", "discard")


class Command(BaseCommand):
    """バッチの一覧・実行・状況・停止・再開・解放・破棄."""

    help = "バッチの一覧・実行・状況・停止・再開・承認・出力解放・破棄、予定の起動"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per act."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="操作")
        acts.add_parser("list", help="登録されているバッチ")
        run = acts.add_parser("run", help="実行を依頼して開始する: run B-PI-13 tax_year=2026 mode=trial")
        run.add_argument("job_id", metavar="番号")
        run.add_argument("params", nargs="*", metavar="引数=値")
        run.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="業務日(省略時は本日)")
        run.add_argument("--request-only", action="store_true", help="依頼だけして開始しない")
        status = acts.add_parser("status", help="実行の状況(番号なしなら動いているものと最近のもの)")
        status.add_argument("run_id", nargs="?", type=int, metavar="第N号")
        for name, text in zip(
            ON_RUN, ("開始", "停止", "再開・再実行(失敗分)", "出力解放", "承認", "破棄"), strict=True
        ):
            act = acts.add_parser(name, help=text)
            act.add_argument("run_id", type=int, metavar="第N号")
            if name == "discard":
                act.add_argument("--reason", required=True, metavar="理由")
            self._actor_arguments(act)
            self._wait_arguments(act)
        self._actor_arguments(run)
        self._wait_arguments(run)
        ticker = acts.add_parser("tick", help="予定の起動と見回り")
        ticker.add_argument("--loop", action="store_true", help="止めるまで10秒ごとに続ける")
        manual = acts.add_parser("manual", help="運用手引きの生成部分")
        manual.add_argument("--write", type=Path, metavar="FILE", help="書き換える文書(docs/operations.md)")

    @staticmethod
    def _actor_arguments(parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="staff_no", metavar="職員番号", help="操作する職員(パスワードを尋ねます)")
        parser.add_argument("--password-stdin", action="store_true", help="パスワードを標準入力の1行目から読む")

    @staticmethod
    def _wait_arguments(parser: ArgumentParser) -> None:
        parser.add_argument("--wait", action="store_true", help="終わるまで待って進み具合を表示する")
        parser.add_argument("--inline", action="store_true", help="別の処理装置に頼まず、この画面で実行する")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; every refusal is one line on standard error and an exit status."""
        try:
            status = self._act(options)
        except JobForbidden as error:
            status = self._refused(error, 4)
        except JobUnknown as error:
            status = self._refused(error, 5)
        except JobRefused as error:
            status = self._refused(error, 5 if error.code == "J-RUN" else 3)
        if status:
            sys.exit(status)

    def _refused(self, error: JobError, status: int) -> int:
        self.stderr.write(f"{error.code} {error.message_ja}")
        return status

    def _act(self, options: dict[str, Any]) -> int:
        acts: dict[str, Callable[[dict[str, Any]], int]] = {
            "list": self._list,
            "run": self._run,
            "status": self._status,
            "tick": self._tick,
            "manual": self._manual,
        }
        return acts.get(options["act"], self._on_run)(options)

    def _list(self, options: dict[str, Any]) -> int:
        for job in registry.all_jobs():
            self._write(job_lines(job))
        return 0

    def _run(self, options: dict[str, Any]) -> int:
        params = {}
        for part in options["params"]:
            name, equals, value = part.partition("=")
            if not equals:
                raise JobRefused("J-PARAM", f"引数は「名前=値」で指定してください: {part}")
            params[name] = value
        job = registry.get(options["job_id"])
        if job.release is not None and not options["staff_no"]:
            raise JobForbidden("J-PERSON", "出力解放のあるバッチは、--as 職員番号 で依頼する人を示してください。")
        actor = self._actor(options)
        run = job_request(job.id, params, actor=actor, business_on=options["on"])
        if options["request_only"] or run.state == RunState.REQUESTED:
            self._write([run_line(run)])
            return 0
        run = job_run_inline(run.pk, actor=actor) if options["inline"] else job_start(run.pk, actor=actor)
        return self._after(run, options)

    def _on_run(self, options: dict[str, Any]) -> int:
        act, run_id, inline = options["act"], options["run_id"], options["inline"]
        if act in ("release", "approve"):
            person = self._person(options)
            run = job_release(run_id, person, inline=inline) if act == "release" else job_approve(run_id, actor=person)
            return self._after(run, options)
        actor = self._actor(options)
        if act == "start":
            run = job_run_inline(run_id, actor=actor) if inline else job_start(run_id, actor=actor)
        elif act == "resume":
            run = job_resume(run_id, actor=actor, inline=inline)
        elif act == "stop":
            run = job_stop(run_id, actor=actor)
        else:
            run = job_discard(run_id, actor=actor, reason=options["reason"])
        return self._after(run, options)

    def _after(self, run: JobRun, options: dict[str, Any]) -> int:
        """Say how the run stands; with --wait or --inline until it ends. Status 1 when it ended badly."""
        if options["wait"]:
            run = self._await(run)
        ended = options["wait"] or options["inline"]
        self._write(run_report(run) if ended else [run_line(run)])
        if not ended or options["act"] in ("stop", "discard"):
            return 0
        well = run.state in (RunState.FINISHED, RunState.RELEASED) and not gates_red(run).exists()
        return 0 if well else 1

    def _await(self, run: JobRun) -> JobRun:
        shown = -1
        while run.state in WORKING_STATES:
            progress = run_progress(run)
            if progress.percent != shown:
                shown = progress.percent
                self._write([f"{shown:3d}% {progress.done:,}/{progress.total:,}単位 {run.message}".rstrip()])
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()
        return run

    def _status(self, options: dict[str, Any]) -> int:
        if options["run_id"] is not None:
            run = run_get(options["run_id"])
            if run is None:
                raise JobRefused("J-RUN", f"実行 第{options['run_id']}号はありません。")
            self._write(run_report(run))
            return 1 if run.state == RunState.FAILED else 0
        live = runs_recent(states=tuple(LIVE_STATES))
        self._write(["動いているもの・待っているもの", *([f"  {run_line(run)}" for run in live] or ["  ありません"])])
        recent = [run for run in runs_recent(limit=10) if run not in live]
        self._write(["最近終わったもの", *([f"  {run_line(run)}" for run in recent] or ["  ありません"])])
        return 0

    def _tick(self, options: dict[str, Any]) -> int:
        while True:
            try:
                started = tick()
            except (OperationalError, InterfaceError):
                if not options["loop"]:
                    raise
                connection.close()  # the database is away: the next round opens a new connection
                self.stderr.write("データベースに接続できません。10秒後にやり直します。")
                started = 0
            if started or not options["loop"]:
                self._write([f"{started}件を開始しました。"])
            if not options["loop"]:
                return 0
            time.sleep(TICK_SECONDS)

    def _manual(self, options: dict[str, Any]) -> int:
        if options["write"] is None:
            self._write([manual_section()])
        else:
            changed = manual_write(options["write"])
            self._write([f"{options['write']}: {'書き換えました' if changed else '変更はありません'}"])
        return 0

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _actor(self, options: dict[str, Any]) -> Staff | SystemActor:
        if options["staff_no"]:
            return self._person(options)
        user = getpass.getuser()
        return SystemActor(f"cli:{user}"[:60], f"{user}(コマンド)")

    def _person(self, options: dict[str, Any]) -> Staff:
        """The officer named by --as, proved by password; the same words for a wrong name and a wrong password."""
        if not options["staff_no"]:
            raise JobForbidden("J-PERSON", "--as 職員番号 で操作する人を示してください。")
        staff = staff_at_console(options["staff_no"], password_from_stdin=options["password_stdin"])
        if staff is None:
            raise JobForbidden("J-PERSON", "職員番号またはパスワードが違います。")
        return staff
