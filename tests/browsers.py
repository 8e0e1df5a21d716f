"""Finding, installing and opening a browser for the tests marked `browser`.

`python -m tests.browsers` puts Debian's chromium on the machine where there is none and the account may install.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class NotRunError(Exception):
    """No usable browser; the text says what was looked for."""


def browser_executable() -> str:
    """Path of a Chromium: TAXSYS_BROWSER, the system's, or one that Playwright keeps. Raises NotRunError."""
    named = os.environ.get("TAXSYS_BROWSER")
    if named:
        if os.access(named, os.X_OK):
            return named
        raise NotRunError(f"TAXSYS_BROWSER={named} cannot be executed")
    for program in PROGRAMS:
        found = shutil.which(program)
        if found:
            return found
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "") or Path.home() / ".cache" / "ms-playwright")
    for candidate in sorted(kept.glob("chromium*/chrome-linux*/*")):
        if candidate.name in {"chrome", "headless_shell", "chrome-headless-shell"} and os.access(candidate, os.X_OK):
            return str(candidate)
    raise NotRunError("no chromium, chromium-browser, google-chrome or Playwright browser on this machine")


def install() -> bool:
    """Install Debian's chromium where that is possible; whether a browser is there afterwards. Says what it does."""
    try:
        browser_executable()
    except NotRunError as missing:
        apt = shutil.which("apt-get")
        if apt is None or os.geteuid() != 0:
            sys.stderr.write(f"browser tests will not run: {missing}\n")
            return False
        sys.stderr.write("installing chromium for the browser tests\n")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            done = subprocess.run([apt, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode != 0:
                sys.stderr.write(done.stderr.decode(errors="replace")[-2000:])
    return _is_there()


def _is_there() -> bool:
    try:
        browser_executable()
    except NotRunError:
        return False
    return True


def flags() -> list[str]:
    """Command-line flags; the browser's own sandbox cannot be built by root or inside a user namespace."""
    outer = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    narrowed = outer[:3] != ["0", "0", "4294967295"]
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 or narrowed else [])]


# Whatever the browser refuses under the page's policy, said on the console where it is collected.
_TELL = """addEventListener("securitypolicyviolation", (event) => console.error(
  `policy violated: ${event.effectiveDirective} ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`));"""


def policy_reports(page: Any) -> list[str]:
    """What the browser refused under the Content-Security-Policy on every page of this profile so far."""
    return list(page.context.policy_reports)


def _collect(context: Any) -> None:
    context.policy_reports = []

    def told(message: Any) -> None:
        if "policy violated" in message.text or "Content Security Policy" in message.text:
            context.policy_reports.append(f"{message.page.url if message.page else ''}: {message.text}")

    context.add_init_script(_TELL)
    context.on("console", told)


@contextmanager
def open_page(program: str, *, base_url: str, profile: Path) -> Iterator[Any]:
    """One page in a new, empty profile, closed afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            str(profile),
            executable_path=program,
            headless=True,
            args=flags(),
            base_url=base_url,
            viewport={"width": 1366, "height": 768},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
        )
        _collect(context)
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()


if __name__ == "__main__":
    sys.exit(0 if install() else 1)
