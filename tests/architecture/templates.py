"""Rules of templates; `python -m tests.architecture.templates` is part of `make check`."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT

DJANGO_TAG = re.compile(r"{%.*?%}|{#.*?#}|{{.*?}}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment.*?%}.*?{%\s*endcomment\s*%}", re.DOTALL)
NO_LABEL_NEEDED = {"hidden", "submit", "button", "reset", "image"}


class _Page(HTMLParser):
    """Collects what the rules ask about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[tuple[int, str, dict[str, str]]] = []
        self.label_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "script" and not values.get("src") and values.get("type", "") not in {"application/json"}:
            self.found.append(f"{line}: inline script")
        if tag == "style":
            self.found.append(f"{line}: inline style element")
        for name, value in values.items():
            if name == "style":
                self.found.append(f"{line}: style attribute")
            if name.startswith("on"):
                self.found.append(f"{line}: {name} attribute")
            if name.startswith("hx-on"):
                self.found.append(f"{line}: {name} attribute (inline script)")
            if name in {"href", "src", "action"} and re.match(r"(?:https?:)?//|javascript:", value):
                self.found.append(f"{line}: {name} leaves the building or runs script")
        if tag == "label":
            self.label_depth += 1
            self.labelled.add(values.get("for", ""))
        wants_label = tag in {"input", "select", "textarea"} and values.get("type", "text") not in NO_LABEL_NEEDED
        has_own = self.label_depth or values.get("aria-label") or values.get("aria-labelledby")
        if wants_label and not has_own:
            self.inputs.append((line, tag, values))
        if tag == "img" and "alt" not in values:
            self.found.append(f"{line}: img without alt")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.label_depth -= 1

    def finish(self) -> list[str]:
        """All findings, those about labels last (a label may follow its input)."""
        for line, tag, values in self.inputs:
            if not values.get("id") or values["id"] not in self.labelled:
                self.found.append(f"{line}: {tag} {values.get('name', '')} without a label")
        return self.found


def check_template(text: str) -> list[str]:
    """Findings in one template: inline script or style, inputs without label, addresses outside, `|safe`."""
    found = []
    for match in re.finditer(r"\|\s*safe\b|{%\s*autoescape off", text):
        found.append(f"{text.count(chr(10), 0, match.start()) + 1}: {match.group().strip()} switches escaping off")
    plain = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    # A variable inside an attribute becomes a word made of its own text, so `id="{{ x }}"` pairs with `for="{{ x }}"`.
    plain = DJANGO_TAG.sub(_placeholder, plain)
    page = _Page()
    page.feed(plain)
    page.close()
    return found + page.finish()


def _placeholder(match: "re.Match[str]") -> str:
    text = match.group()
    lines = "\n" * text.count("\n")
    return "v" + re.sub(r"\W+", "_", text) + lines


def template_files() -> list[Path]:
    """Every HTML template of the house."""
    folders = [ROOT / "templates", *(ROOT / package for package in PACKAGES)]
    return sorted(path for folder in folders for path in folder.rglob("*.html"))


def main() -> int:
    """Print findings; exit status 1 when there are any."""
    found = [
        f"{path.relative_to(ROOT)}:{finding}"
        for path in template_files()
        for finding in check_template(path.read_text(encoding="utf-8"))
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"templates: {len(template_files())} files, {len(found)} findings\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
