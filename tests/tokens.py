"""Finding and installing softhsm2, the software token of the tests marked `token`.

`python -m tests.tokens` puts Debian's softhsm2 on the machine where there is none and the account may install.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PIN, OFFICER_PIN = "4711-0815", "sealed-envelope"
LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


class NoTokenError(Exception):
    """No softhsm2; the text says what was looked for."""


def token_library_path() -> str:
    """Path of softhsm2's library: TAXSYS_SOFTHSM2 or the system's. Raises NoTokenError."""
    named = os.environ.get("TAXSYS_SOFTHSM2")
    found = [path for path in ((named,) if named else LIBRARIES) if path and Path(path).is_file()]
    if not found or shutil.which("softhsm2-util") is None:
        raise NoTokenError("no softhsm2 on this machine")
    return found[0]


def token_store(folder: Path) -> Path:
    """An empty store under `folder`; answers its configuration file (SOFTHSM2_CONF)."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n",
        encoding="ascii",
    )
    return configuration


def token_make(label: str) -> None:
    """A fresh token of this label in the store that SOFTHSM2_CONF names."""
    words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OFFICER_PIN]
    subprocess.run(words, check=True, capture_output=True)


def install() -> bool:
    """Install Debian's softhsm2 where that is possible; whether it is there afterwards. Says what it does."""
    try:
        token_library_path()
    except NoTokenError as missing:
        apt = shutil.which("apt-get")
        if apt is None or os.geteuid() != 0:
            sys.stderr.write(f"token tests will not run: {missing}\n")
            return False
        sys.stderr.write("installing softhsm2 for the token tests\n")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "softhsm2"]):
            done = subprocess.run([apt, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode != 0:
                sys.stderr.write(done.stderr.decode(errors="replace")[-2000:])
    try:
        token_library_path()
    except NoTokenError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(0 if install() else 1)
