"""条文からたどる文書 (docs/law/): article → legal values → rules → worked cases, and every value not yet confirmed.

Which case exercises which rule is not declared but observed: the cases are run and the rules they call are noted.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from assessment.resident.conformance import run_case as run_resident_case
from assessment.resident.rules.pipeline import COVERAGE_FILE, PARAMS_DIR, RESIDENT_RULES, parameter_book
from collection.conformance import run_case as run_collection_case
from taxsys.kernel.rules import Rule
from taxsys.params.coverage import load_coverage
from taxsys.params.index import law_index
from taxsys.params.loader import ParameterBook, load_book, read_parameter
from taxsys.params.model import Parameter, display
from taxsys.web.documents.pages import table

BASE = Path(settings.BASE_DIR)
CASES = BASE / "tests" / "conformance" / "cases"
_ARTICLE = re.compile(r"(?<!\d)(?:地方税法(?:施行令)?|民法|施行令|附則)?\d+条(?:の\d+)*(?:第?\d+項)?(?:第?\d+号)?")
_MADE = "この文書はプログラムから作られます（`manage.py law_doc`、`make docs`）。手で直さないでください。"


@dataclass
class Exercised:
    """Which worked cases call a rule: single-step cases by id, whole computations by number."""

    units: dict[str, list[str]] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)


@contextmanager
def _calls_noted() -> Iterator[set[str]]:
    """Inside the block the ids of all rules that are called gather in the set."""
    called: set[str] = set()
    plain = Rule.__call__

    def noting(rule: Rule, **values: Any) -> tuple[Any, ...]:
        called.add(rule.id)
        return plain(rule, **values)

    Rule.__call__ = noting  # type: ignore[method-assign, assignment]
    try:
        yield called
    finally:
        Rule.__call__ = plain  # type: ignore[method-assign]


def exercised() -> Exercised:
    """Run the worked cases of the resident tax and see which rules each one calls."""
    content = json.loads((CASES / "resident_tax.json").read_text(encoding="utf-8"))
    found = Exercised()
    for case in content["cases"]:
        with _calls_noted() as called:
            outcome = run_resident_case(case, content["meta"])
        if outcome.status != "passed":
            continue
        for rule_id in called:
            if case["kind"] == "full":
                found.whole[rule_id] = found.whole.get(rule_id, 0) + 1
            else:
                found.units.setdefault(rule_id, []).append(case["id"])
    return found


def whole_name(law: Iterable[str]) -> list[str]:
    """Articles of one head with 「同」 replaced by the law it stands for."""
    found, name = [], ""
    for article in law:
        if article.startswith("同"):
            article = name + article[1:]
        elif match := re.match(r"[^\d第]+", article):
            name = match[0].removesuffix("附則")
        found.append(article)
    return found


def books() -> dict[str, ParameterBook]:
    """Every book of legal values: the law with the city's ordinance, and the other layers that exist."""
    designated = load_book("resident", (("designated", PARAMS_DIR / "designated"),))
    return {
        "個人住民税": parameter_book(settings.TAXSYS_MUNICIPALITY_CODE),
        "個人住民税（指定都市の読替え）": designated,
    }


def _read(folder: Path) -> list[Parameter]:
    return [read_parameter(path) for path in sorted(folder.glob("*.toml"))]


def duty_parameters() -> list[tuple[str, list[Parameter]]]:
    """The dated values of the duties behind the assessment."""
    return [
        ("収納（延滞金・還付加算金の割合）", _read(BASE / "collection" / "params" / "rates")),
        ("滞納（督促）", _read(BASE / "delinquency" / "params")),
        ("証明", _read(BASE / "certificates" / "params")),
        ("台帳", _read(BASE / "taxsys" / "platform" / "registers" / "params")),
        ("保管・消去", _read(BASE / "taxsys" / "platform" / "retention" / "params")),
    ]


def _values(parameter: Parameter) -> str:
    cells = []
    for dated in parameter.values:
        until = f"〜{dated.until}" if dated.until else "〜"
        status = "" if dated.status == "enacted" else f"（{dated.status}）"
        cells.append(f"{dated.valid_from}{until} {display(dated.value, parameter.unit)}{status} {dated.mark}")
    return "<br>".join(cells)


def articles_page(seen: Exercised) -> str:
    """条文索引 of the resident tax."""
    book = parameter_book(settings.TAXSYS_MUNICIPALITY_CODE)
    titles = {rule.id: rule.title_ja for rule in RESIDENT_RULES}
    entries: dict[str, tuple[set[str], set[str]]] = {}
    for parameter in book.parameters.values():
        for article in whole_name(parameter.law):
            entries.setdefault(article, (set(), set()))[0].add(parameter.id)
    for entry in law_index(book, RESIDENT_RULES):
        for rule_id in entry.rules:
            entries.setdefault(entry.law, (set(), set()))[1].add(rule_id)
    rows = []
    for article in sorted(entries):
        parameters, rules = entries[article]
        cases = sorted({case for rule_id in rules for case in seen.units.get(rule_id, ())})
        whole = max((seen.whole.get(rule_id, 0) for rule_id in rules), default=0)
        rows.append(
            (
                article,
                "<br>".join(f"`{one}` {book.parameters[one].title}" for one in sorted(parameters)),
                "<br>".join(f"`{one}` {titles[one]}" for one in sorted(rules)),
                " ".join(cases) + (f" 全体計算{whole}件" if whole else ""),
            )
        )
    head = [
        "# 個人住民税の条文索引", "", _MADE, "",
        "条文 → 法定値 → 計算 → 検証事例。事例の番号は `tests/conformance/cases/resident_tax.json` のもので、"
        "実際に流してその計算を呼んだ事例です。計算の中身は [計算の一覧](resident-rules.md)、"
        "値は [法定値の一覧](parameters.md) にあります。",
        "",
    ]  # fmt: skip
    return "\n".join([*head, *table(("条文", "法定値", "計算", "検証事例"), rows)]) + "\n"


def rules_page(seen: Exercised) -> str:
    """計算の一覧 in the order of the calculation."""
    rows = [
        (
            f"`{rule.id}`",
            rule.title_ja,
            "<br>".join(rule.articles),
            _years(rule),
            rule.formula,
            rule.rounding,
            "<br>".join(f"`{parameter}`" for _, parameter in rule.uses),
            " ".join(seen.units.get(rule.id, ())) + f" 全体計算{seen.whole.get(rule.id, 0)}件",
        )
        for rule in RESIDENT_RULES
    ]
    head = ["# 個人住民税の計算の一覧", "", _MADE, "", "計算の順に並べています。", ""]
    names = ("計算", "名称", "条文", "課税年度", "式", "端数", "法定値", "検証事例")
    return "\n".join([*head, *table(names, rows)]) + "\n"


def _years(rule: Rule) -> str:
    return f"{rule.years.first}〜{rule.years.last or ''}"


def parameters_page() -> str:
    """法定値の一覧, every value with its period and mark."""
    lines = [
        "# 法定値の一覧", "", _MADE, "",
        "末尾の印は確かさです。V=原典で確認、V2=二次の公的資料で確認、K=知られているが未確認"
        "（[未確認の法定値](unconfirmed.md)）。", "",
    ]  # fmt: skip
    groups: list[tuple[str, Iterable[Parameter]]] = [
        (name, sorted(book.parameters.values(), key=lambda one: one.id)) for name, book in books().items()
    ]
    for name, parameters in [*groups, *duty_parameters()]:
        rows = [(f"`{one.id}`", one.title, "<br>".join(whole_name(one.law)), _values(one)) for one in parameters]
        lines += [f"## {name}", "", *table(("法定値", "名称", "条文", "値"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def unconfirmed_rows() -> list[tuple[str, str, str, str, str, str, str]]:
    """Every value marked K: where, id, title, article, from, value, source."""
    rows = []
    groups: list[tuple[str, Iterable[Parameter]]] = [(name, book.parameters.values()) for name, book in books().items()]
    for name, parameters in [*groups, *duty_parameters()]:
        for one in sorted(parameters, key=lambda parameter: parameter.id):
            for dated in one.values:
                if dated.mark == "K":
                    value = display(dated.value, one.unit)
                    law = "<br>".join(whole_name(one.law))
                    rows.append((name, f"`{one.id}`", one.title, law, str(dated.valid_from), value, dated.source))
    return rows


def unconfirmed_page() -> str:
    """未確認の法定値."""
    rows = unconfirmed_rows()
    lines = [
        "# 未確認の法定値", "", _MADE, "",
        f"原典（法令・条例・告示）でまだ確かめていない値 {len(rows)}件です。決定に使う前に原典で確かめ、"
        "法定値ファイルの `mark` を改めてください。", "",
    ]  # fmt: skip
    return "\n".join([*lines, *table(("範囲", "法定値", "名称", "条文", "始期", "値", "出所"), rows)]) + "\n"


def collection_page() -> str:
    """収納の計算: the pure modules with their articles, and the worked cases by category."""
    rules = []
    for path in sorted((BASE / "collection" / "rules").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        title = text.split('"""')[1].split("\n")[0].split(":")[0]
        articles = sorted({match[0] for match in _ARTICLE.finditer(text)})
        if path.stem != "__init__" and articles:
            rules.append((f"`collection/rules/{path.name}`", title, "、".join(articles)))
    content = json.loads((CASES / "other_taxes.json").read_text(encoding="utf-8"))
    passed: dict[str, list[str]] = {}
    for case in content["cases"]:
        if run_collection_case(case, content.get("meta", {})).status == "passed":
            passed.setdefault(case["category"], []).append(case["id"])
    cases = [(category, len(ids), " ".join(ids)) for category, ids in sorted(passed.items())]
    lines = [
        "# 収納の計算と条文", "", _MADE, "",
        "延滞金・還付加算金の割合は [法定値の一覧](parameters.md) にあります。", "",
        *table(("計算", "内容", "条文"), rules), "", "## 検証事例", "",
        "`tests/conformance/cases/other_taxes.json` のうち、円まで一致した事例です。", "",
        *table(("区分", "件数", "事例"), cases),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def index_page(seen: Exercised) -> str:
    """docs/law/README.md: what is here, and how far each year is proved."""
    coverage = load_coverage(COVERAGE_FILE).values()
    states = {"verified": "検証済", "partial": "一部", "none": "なし"}
    years = [(one.tax_year, states[one.state], one.cases, one.note_ja) for one in coverage]
    unproved = [
        (f"`{rule.id}`", rule.title_ja)
        for rule in RESIDENT_RULES
        if rule.id not in seen.units and rule.id not in seen.whole
    ]
    lines = [
        "# 法令と計算", "", _MADE, "",
        "- [条文索引（個人住民税）](resident-articles.md): 条文 → 法定値 → 計算 → 検証事例",
        "- [計算の一覧（個人住民税）](resident-rules.md)",
        "- [収納の計算と条文](collection.md)",
        "- [法定値の一覧](parameters.md)",
        f"- [未確認の法定値](unconfirmed.md): {len(unconfirmed_rows())}件", "",
        "## 課税年度ごとの検証状況（個人住民税）", "",
        *table(("課税年度", "状況", "検証事例", "残り"), years), "",
        "## どの検証事例にも使われない計算", "",
        "別の方法（独立した計算との突合せ・性質の試験）だけで確かめている計算です。", "",
        *(table(("計算", "名称"), unproved) if unproved else ["ありません。"]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def law_pages() -> Mapping[str, str]:
    """All pages of docs/law/."""
    seen = exercised()
    return {
        "law/README.md": index_page(seen),
        "law/resident-articles.md": articles_page(seen),
        "law/resident-rules.md": rules_page(seen),
        "law/collection.md": collection_page(),
        "law/parameters.md": parameters_page(),
        "law/unconfirmed.md": unconfirmed_page(),
    }
