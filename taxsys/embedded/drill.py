"""`drill`: the restore drill (復旧訓練). Back up, restore to a moment and on another cluster, prove both.

Everything happens in a folder of its own; no running installation is touched. What it proves is told by
`manage.py restore_proofs`, which runs beside each of the restored clusters.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from taxsys.embedded.commands import House
from taxsys.embedded.folders import make_private
from taxsys.embedded.identities import Program
from taxsys.embedded.messages import LauncherError, say
from taxsys.embedded.postgres import ADMIN, DATABASE, SQL_FOLDER, binaries, scripts_hash
from taxsys.embedded.processes import Identity


@dataclass
class Report:
    """What was done, in seconds, and what came of it."""

    lines: list[str] = field(default_factory=list)

    def timed(self, title_ja: str, act: Callable[[], None]) -> float:
        """Do one step and write its time down."""
        began = time.monotonic()
        act()
        seconds = time.monotonic() - began
        self.add(f"{title_ja}：{seconds:.1f}秒")
        return seconds

    def add(self, line: str) -> None:
        """A line of the report, shown at once."""
        self.lines.append(line)
        say(line, "")


@dataclass
class Drill:
    """One drill in one folder."""

    program: Program
    root: Path
    city: int
    report: Report = field(default_factory=Report)
    _saved: Path = field(init=False)

    def __post_init__(self) -> None:
        self._saved = self.root / "work" / "kept.json"

    def run(self) -> None:
        """The whole drill. Raises LauncherError where a step or a proof fails."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.parent.mkdir(parents=True, exist_ok=True)
        make_private(self.root, None)
        if self.program.identity:
            self.root.chmod(0o711)
        for name in ("archive", "work"):
            make_private(self.root / name, self.program.identity)
        moment = self._source()
        restored = self._house("restored")
        began = time.monotonic()
        self.report.timed("復元（基本バックアップ＋WAL）", lambda: self._recover(restored, moment))
        try:
            self.report.timed("証明（元帳・封印・件数・個人番号・画面）", lambda: self._prove(restored, "--compare"))
            rto = time.monotonic() - began
            self.report.timed("論理バックアップ（pg_dump）", lambda: self._dump(restored))
        finally:
            restored.close()
        other = self._house("other")
        try:
            self.report.timed("別のクラスターへの復元（pg_restore）", lambda: self._load(other))
            self.report.timed(
                "証明（世代が変わった後も封印が続く）", lambda: self._prove(other, "--compare", "--next-epoch")
            )
            self.report.timed("鍵のない復元では個人番号を開けない", lambda: self._prove(other, "--without-keys"))
        finally:
            other.close()
        self.report.add("復旧時点（RPO）：指定した時刻までの確定がすべて戻り、その後の確定は含まれない")
        self.report.add("　この訓練はWALを送り終えてから失わせます。実際の損失は、別拠点へ送られた最後のWALまでです")
        self.report.add(f"復旧時間（RTO）：{rto:.1f}秒（復元の開始から証明の終了まで。市の規模 {self.city:,}人）")
        (self.root / "report.txt").write_text("\n".join(self.report.lines) + "\n", encoding="utf-8")

    def _house(self, name: str, **settings: str) -> House:
        return House(self.program, self.root / name, is_durable=True, postgres_settings=settings)

    def _source(self) -> str:
        archive = self.root / "archive"
        house = self._house(
            "source",
            wal_level="replica",
            archive_mode="on",
            archive_command=f'test ! -f "{archive}/%f" && cp "%p" "{archive}/%f"',
        )
        try:
            house.open()
            self._must(house.manage("migrate", "--noinput", "--verbosity", "0"), "migrate")
            if self.city:
                self._must(house.manage("demo", "--city", str(self.city), "--inline"), "demo")
            self._must(house.manage("restore_proofs", "--write", "before"), "restore_proofs --write")
            self.report.timed("基本バックアップ（pg_basebackup）", lambda: self._base_backup(house))
            self._must(house.manage("restore_proofs", "--write", "kept", "--save", str(self._saved)), "restore_proofs")
            moment = self._asked(house, "SELECT clock_timestamp()")
            self._must(house.manage("restore_proofs", "--write", "lost"), "restore_proofs --write")
            self._archive_all(house)
            shutil.copytree(house.folder.data, self.root / "data", dirs_exist_ok=True)
            shutil.copytree(self.root / "source" / "secrets", self.root / "secrets", dirs_exist_ok=True)
        finally:
            house.close()
        self.report.add(f"復旧の時点：{moment}")
        return moment

    def _base_backup(self, house: House) -> None:
        words = ("-D", str(self.root / "work" / "base"), "-X", "none", "--checkpoint=fast", "--no-sync")
        self._must(self._tool(house, "pg_basebackup", *words), "pg_basebackup")

    def _archive_all(self, house: House) -> None:
        last = self._asked(house, "SELECT pg_walfile_name(pg_switch_wal())")
        end = time.monotonic() + 60
        while not (self.root / "archive" / last).exists():
            if time.monotonic() > end:
                raise LauncherError("WALが保管されません。", f"{last} was not archived within a minute.")
            time.sleep(0.1)

    def _recover(self, house: House, moment: str) -> None:
        """The base backup in a new folder, rolled forward to the moment, on the keys from their own place."""
        target = self.root / "restored"
        target.mkdir(mode=0o711)
        shutil.copytree(self.root / "work" / "base", target / "postgres")
        (target / "postgres" / "recovery.signal").touch(mode=0o600)
        self._place(target)
        house.postgres_settings = {
            "restore_command": f'cp "{self.root / "archive"}/%f" "%p"',
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
        }
        house.open()

    def _place(self, target: Path) -> None:
        """Files, secrets and keys beside a restored cluster."""
        shutil.copytree(self.root / "data", target / "data", dirs_exist_ok=True)
        shutil.copytree(self.root / "secrets", target / "secrets", dirs_exist_ok=True)
        mark = target / "database.ready"
        mark.touch(mode=0o600)
        # Roles come back with the cluster; while it recovers it takes no statement that writes.
        mark.write_text(scripts_hash(), encoding="utf-8")
        _own(target, self.program.identity)

    def _dump(self, house: House) -> None:
        # The proofs left their own access events: the dump is compared with what stands now.
        self._saved = self.root / "work" / "dumped.json"
        self._must(house.manage("restore_proofs", "--save", str(self._saved)), "restore_proofs --save")
        file = str(self.root / "work" / "taxsys.dump")
        self._must(self._tool(house, "pg_dump", "-Fc", "-d", DATABASE, "-f", file), "pg_dump")

    def _load(self, house: House) -> None:
        house.open()  # a fresh cluster with its roles
        for statement in (
            f"DROP DATABASE {DATABASE}",
            f"CREATE DATABASE {DATABASE} TEMPLATE template0 OWNER taxsys_owner",
        ):
            self._must(self._tool(house, "psql", "-X", "-q", "-d", "postgres", "-c", statement), statement)
        file = str(self.root / "work" / "taxsys.dump")
        self._must(self._tool(house, "pg_restore", "--exit-on-error", "-d", DATABASE, file), "pg_restore")
        rights = str(SQL_FOLDER / "database.sql")
        self._must(self._tool(house, "psql", "-X", "-q", "-d", DATABASE, "-f", rights), "database.sql")
        shutil.copytree(self.root / "data", house.folder.data, dirs_exist_ok=True)
        shutil.copytree(self.root / "secrets" / "keys", house.folder.keys, dirs_exist_ok=True)
        _own(house.folder.data, self.program.identity)
        _own(house.folder.keys, self.program.identity)

    def _prove(self, house: House, *words: str) -> None:
        compared = [str(word) for word in words]
        if "--compare" in compared:
            compared.insert(compared.index("--compare") + 1, str(self._saved))
        if "--without-keys" in compared:
            make_private(self.root / "no-keys", self.program.identity)
            house.environment["TAXSYS_KEY_DIR"] = str(self.root / "no-keys")
        self._must(house.manage("restore_proofs", *compared), "restore_proofs")

    def _tool(self, house: House, name: str, *arguments: str, tee: Path | None = None) -> int:
        environment = {
            **house.environment,
            "PGHOST": str(house.folder.sockets),
            "PGUSER": ADMIN,
            "PGPASSWORD": house.folder.secret_text("admin"),
            "PGOPTIONS": "-c client_min_messages=warning",
        }
        command = [str(binaries(self.program.packages) / name), *arguments]
        return house.spawner.command(command, environment=environment, tee=tee)

    def _asked(self, house: House, query: str) -> str:
        answer = self.root / "answer.txt"
        self._must(self._tool(house, "psql", "-X", "-A", "-t", "-d", DATABASE, "-c", query, tee=answer), query)
        return answer.read_text(encoding="utf-8").strip()

    @staticmethod
    def _must(status: int, what: str) -> None:
        if status != 0:
            raise LauncherError(f"復旧訓練が失敗しました：{what}", f"{what} ended with status {status} (see above).")


def _own(folder: Path, identity: Identity | None) -> None:
    """Give a copied tree to the servers' identity, closed to others."""
    for path in (folder, *folder.rglob("*")):
        if identity:
            os.chown(path, identity.uid, identity.gid, follow_symlinks=False)
        path.chmod(0o700 if path.is_dir() else 0o600)


def drill(program: Program, options: argparse.Namespace) -> int:
    """Run a drill; 0 when every proof holds."""
    made = Drill(program, Path(options.folder) if options.folder else program.state / "restore-drill", options.city)
    made.run()
    say(
        f"復旧訓練は終わりました。すべての証明が成り立ちました。報告：{made.root / 'report.txt'}",
        "restore drill: all proofs hold",
    )
    return 0
