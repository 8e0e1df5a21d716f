"""用語集 (docs/glossary.md) from docs/glossary.csv, and the advisory check of names against it.

A concept has one name everywhere. The check lists words of our models and fields that neither the glossary nor the
house's plain words know; it advises and fails nothing, because a new duty brings new words.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps

from taxsys.web.documents.pages import DOCS, table

SOURCE = DOCS / "glossary.csv"
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
# Words that mean the same in every trade, and the endings of CONVENTIONS (units, times, numbers).
PLAIN = frozenset(
    """id no code kind state name title key text note number count sum total amount yen rate seq order line row record
    file folder path size hash sha256 content type date day month year on at from to until by of and or is has can
    valid active open closed done first last next before after new old current previous base own other all any one
    created changed recorded updated received issued sent stored decided released requested proposed approved started
    finished planned reason message detail description summary result error attempt retry log event action actor system
    user person people member group role unit terminal password session request response address zip town part full
    short label value values parameter parameters param version edition format layout field item items option source
    target origin channel method mode status flag mark rule plan step stage run job batch chunk task worker queue lease
    fence heartbeat output input document page paper print package package set list table index position place link
    url time seconds""".split()  # noqa: SIM905 -- a text reads better than 150 quoted words
)


@dataclass(frozen=True, slots=True)
class Term:
    """One row: the Japanese word, the identifier, a note."""

    japanese: str
    identifier: str
    note: str


def terms() -> list[Term]:
    """Rows of the glossary in their order."""
    with SOURCE.open(encoding="utf-8", newline="") as handle:
        return [Term(row["japanese"], row["identifier"], row["note"]) for row in csv.DictReader(handle)]


def words_of(name: str) -> list[str]:
    """Words of an identifier, snake or camel, in lower case."""
    return [word.lower() for part in name.split("_") for word in _CAMEL.findall(part)]


def unknown_words(names: Iterable[str], known: Iterable[Term]) -> dict[str, int]:
    """Words in the names that neither the glossary nor the plain words know → how often, the most frequent first."""
    vocabulary = PLAIN | {word for term in known for word in words_of(term.identifier.replace("/", "_"))}
    counts: dict[str, int] = {}
    for name in names:
        for word in words_of(name):
            if word not in vocabulary and word.rstrip("s") not in vocabulary and not word.isdigit():
                counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def model_names() -> list[str]:
    """Names of our models and of their own fields."""
    found = []
    for model in apps.get_models():
        if model.__module__.split(".")[0] in {"django", "auditlog", "axes", "rest_framework"}:
            continue
        found.append(model.__name__)
        found += [field.name for field in model._meta.get_fields() if field.concrete]
    return found


def glossary_pages() -> Mapping[str, str]:
    """docs/glossary.md."""
    rows = [(term.japanese, f"`{term.identifier}`", term.note) for term in terms()]
    lines = [
        "# 用語集", "",
        "この文書は [glossary.csv](glossary.csv) から作られます（`manage.py glossary_doc`、`make docs`）。"
        "一つの概念の名前はどこでも一つです。", "",
        *table(("日本語", "識別子", "備考"), rows),
    ]  # fmt: skip
    return {"glossary.md": "\n".join(lines) + "\n"}
