"""One-time codes of the demonstration: from the file of the web server to the console of `make run`."""

from pathlib import Path


class CodeFollower:
    """The demonstration's second factor: codes that the web server writes down appear on this console."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = path.stat().st_size if path.exists() else 0

    def news(self) -> list[str]:
        """Whole lines written since the last look: staff number, purpose, code."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as handle:
            handle.seek(self.offset)
            content = handle.read()
        whole = content[: content.rfind(b"\n") + 1]
        self.offset += len(whole)
        return whole.decode("utf-8", errors="replace").splitlines()
