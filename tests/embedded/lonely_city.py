"""Run inside tests.alone: the whole demonstration on loopback only, its pages opened, then looked over for numbers.

Arguments: state folder, port. Prints one JSON object as its last line.
"""

import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tests.architecture.source import ROOT

STAFF_NO = "1001"
PAGES = ("/", "/search/", "/jobs/", "/files/", "/printing/", "/approvals/", "/no-such-page", "/static/no-such-file")


class House:
    """The launcher of a city of 100 and a visitor of its pages."""

    def __init__(self, state: Path, port: int) -> None:
        self.root = state / "city-100-seed-5"
        self.address = f"http://127.0.0.1:{port}"
        self.said = state / "console.log"
        command = [sys.executable, "-m", "taxsys.embedded", "run", "--city", "100", "--seed", "5", "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_DATE"))}
        with self.said.open("wb") as out:
            self.launcher = subprocess.Popen(
                command, cwd=ROOT, env={**environment, "TAXSYS_STATE_DIR": str(state)}, stdout=out, stderr=out
            )
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def wait_for(self, pattern: str, seconds: float = 900) -> str:
        """The first group of what the console says, as soon as it says it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.launcher.poll() is None:
            if found := re.search(pattern, self.said.read_text(encoding="utf-8", errors="replace")):
                return found.group(1)
            time.sleep(0.2)
        raise SystemExit(self.said.read_text(encoding="utf-8", errors="replace")[-3000:])

    def open(self, path: str, values: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of a page; with values, of its form sent."""
        data = urllib.parse.urlencode(values).encode() if values is not None else None
        try:
            with self.browser.open(self.address + path, data, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")

    def sign_in(self, password: str) -> None:
        """With the password and the code that the console shows."""
        for values in ({"staff_no": STAFF_NO, "password": password}, {"code": ""}):
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.open("/sign-in")[1])
            if "code" in values:
                values["code"] = self.wait_for(rf"\[確認コード\] 職員番号 {STAFF_NO}  (\d{{6}})", 30)
            self.open("/sign-in", {**values, "csrfmiddlewaretoken": token.group(1) if token else ""})

    def environment(self) -> dict[str, str]:
        """What `manage.py` needs to work with this city."""
        secrets, folder = self.root / "secrets", urllib.parse.quote(str(self.sockets()), safe="")
        word = {name: (secrets / name).read_text(encoding="ascii").strip() for name in ("app", "valkey")}
        return {
            **os.environ, "DJANGO_SETTINGS_MODULE": "taxsys.settings.embedded", "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"postgresql://taxsys_app:{word['app']}@{folder}/taxsys",
            "REDIS_URL": f"unix://:{word['valkey']}@{self.sockets()}/valkey.sock?db=0",
            "TAXSYS_DATA_DIR": str(self.root / "data"), "TAXSYS_SECRET_KEY_FILE": str(secrets / "secret_key"),
            "TAXSYS_KEY_PROVIDER": "file", "TAXSYS_KEY_DIR": str(secrets / "keys"),
            "TAXSYS_BUSINESS_DATE": "2026-11-20",
        }  # fmt: skip

    def sockets(self) -> Path:
        """Where the servers listen."""
        lines = (self.root / "postgres" / "postmaster.pid").read_text(encoding="ascii").splitlines()
        return Path(lines[4])

    def looked_over(self) -> tuple[int, str]:
        """`manage.py numbers_scan` over everything that this city left on the machine."""
        command = [sys.executable, "manage.py", "numbers_scan", "--derived", "--folder", str(self.root / "log"),
                   "--folder", str(self.root / "valkey"), "--folder", str(self.said.parent / "tmp")]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.launcher.send_signal(signal.SIGTERM)
        self.launcher.wait(60)


def main(state: Path, port: int) -> None:
    """Live a day in the lonely city and tell about it."""
    (state / "tmp").mkdir()
    os.environ["TMPDIR"] = str(state / "tmp")
    house = House(state, port)
    try:
        password = house.wait_for(rf"{STAFF_NO}\D.*?パスワード[:： ]*(\S+)")
        house.wait_for(r"(画面: http)")
        house.sign_in(password)
        pages = {path: house.open(path)[0] for path in PAGES}
        status, told = house.looked_over()
        logs = sorted(path.name for path in (house.root / "log").iterdir())
    finally:
        house.stop()
    sys.stdout.write("\n" + json.dumps({"pages": pages, "scan": status, "told": told, "logs": logs}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
