"""docs/api/calculate.md: the whole vocabulary of `manage.py calculate resident-tax`, its errors and worked examples.

Everything on the page is asked of the program: items from the facts, figures from the result, the examples calculated.
"""

import json
import re
from collections.abc import Mapping
from inspect import getsource
from typing import Any

from assessment.resident import calculate
from assessment.resident.calculate import MAX_LINE_BYTES, calculate_lines
from assessment.resident.combinations import COMBINATIONS
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import GUARDS, PIPELINES, RESIDENT_RESULT, coverage, resident_law
from assessment.resident.rules.year_change import FACT_GROUPS
from taxsys.kernel import wareki
from taxsys.kernel.columns import Column
from taxsys.params.model import ParameterSet
from taxsys.web.documents.pages import table

PAGE = "api/calculate.md"
YEAR, CITY = 2026, "012041"
_EXAMPLES: tuple[tuple[str, dict[str, object]], ...] = (
    ("給与だけの人", {"id": "A-1", "salary_receipts_yen": 3_000_000, "social_insurance_yen": 456_576}),
    (
        "配偶者と子のある給与所得者、ふるさと納税(申告特例)",
        {"id": "A-2", "salary_receipts_yen": 7_000_000, "social_insurance_yen": 1_050_000, "has_spouse": True,
         "dependants_specific": 1, "dependants_under_16": 1, "hometown_donation_yen": 50_000, "is_one_stop": True},
    ),
    (
        "年金受給者(65歳以上、障害者)",
        {"id": "A-3", "pension_receipts_yen": 2_400_000, "is_age_65": True, "disability_code": 1,
         "social_insurance_yen": 180_000},
    ),
    (
        "事業の赤字と土地の譲渡、上場株式の損失の繰越し",
        {"id": "A-4", "business_income_yen": -1_200_000, "long_land_gain_yen": 12_000_000,
         "long_land_special_yen": 0, "shares_listed_gain_yen": 800_000, "shares_loss_carried_yen": 500_000},
    ),
    ("家屋敷だけの人", {"id": "A-5", "is_domiciled": False, "has_local_premises": True}),
)  # fmt: skip
_WRONG: tuple[dict[str, object], ...] = (
    {"id": "B-1", "salary": 3_000_000},
    {"id": "B-2", "salary_receipts_yen": -1},
    {"id": "B-3", "spouse_income_yen": 480_000},
    {"id": "B-4", "dependants_abroad": 1},
)
_SHOWN = ("total_income_yen", "total_deduction_yen", "taxable_income_yen", "city_tax_yen", "prefectural_tax_yen",
          "forest_tax_yen", "annual_tax_yen")  # fmt: skip


def calculate_pages() -> Mapping[str, str]:
    """The page as text."""
    lines = [*_head(), *_items(), *_figures(), *_errors(), *_examples()]
    return {PAGE: "\n".join(lines) + "\n"}


def _head() -> list[str]:
    years = "・".join(f"{wareki.format_year(year)}({year})" for year in PIPELINES if coverage(year).state != "none")
    return [
        "# 個人住民税の計算(`manage.py calculate resident-tax`)",
        "",
        "このページはプログラムから作ります(`make docs`)。入出力の型は "
        "[calculate-resident-tax.schema.json](calculate-resident-tax.schema.json) にもあります。",
        "",
        "```",
        f"python manage.py calculate resident-tax --tax-year {YEAR} < in.jsonl > out.jsonl",
        "```",
        "",
        "- 1行に1人のJSON(UTF-8)を読み、同じ順に1行ずつ答えます。項目はすべて省略できます。データベースは使いません。",
        f'- 計算できる課税年度は {years} です。`--city ""` で条例の値を重ねず、`--explain` で計算過程を付けます。',
        "- 金額は円の整数です。個人番号を入れてはいけません。`id` は答えにそのまま返ります。",
        f"- 1行は {MAX_LINE_BYTES:,} バイトまでです。誤りのある行だけが `error` になり、終了コードが1になります。",
        "",
    ]


def _items() -> list[str]:
    lines = [f"## 入力の項目({len(RESIDENT_FACTS)})", ""]
    for group in FACT_GROUPS:
        lines += [f"### {group.title_ja}", ""]
        rows = [
            (f"`{name}`", _title(RESIDENT_FACTS[name]), _kind(RESIDENT_FACTS[name]), _range(RESIDENT_FACTS[name]))
            for name in group.columns
        ]
        lines += [*table(("項目", "意味", "型", "範囲・既定"), rows), ""]
    return lines


def _title(column: Column) -> str:
    return f"{column.title_ja}({column.note_ja})" if column.note_ja else column.title_ja


def _kind(column: Column) -> str:
    return {"yen": "円", "count": "人数", "flag": "true / false", "code": "区分"}[column.kind]


def _range(column: Column) -> str:
    if column.kind == "flag":
        return f"既定 {'true' if column.default else 'false'}"
    if column.codes:
        return "、".join(f"{code}={word}" for code, word in column.codes)
    return f"{column.minimum:,} から {column.maximum:,}"


def _figures() -> list[str]:
    units = {"yen": "円", "yen_e4": "1万分の1円", "count": "人数・段階", "flag": "true / false", "code": "区分"}
    rows = [(f"`{one.name}`", one.title_ja, units[one.kind]) for one in RESIDENT_RESULT]
    return [f"## 出力の項目({len(RESIDENT_RESULT)})", "", "`result` の中に、つねにすべての項目があります。", "",
            *table(("項目", "意味", "単位"), rows), ""]  # fmt: skip


def _errors() -> list[str]:
    codes = re.findall(r'LineError\(\s*"([A-Z_]+)", [^,]+,\s*f?"([^"]+)"', getsource(calculate))
    seen: dict[str, str] = {
        "TYPE": "型が違います(整数、true / false、文字列)。",
        "RANGE": "値が範囲の外です(負の額など)。",
    }
    for code, text in codes:
        seen.setdefault(code, re.sub(r"\{[^}]*\}", "…", text))
    rows = [(f"`{code}`", text) for code, text in seen.items()]
    rows += [(f"`{one.code}`", one.message_ja) for one in COMBINATIONS]
    rows += [("`FACT_RANGE`", "値が範囲の外です。")]
    rows += [(f"`{guard.code}`", guard.message_ja) for guard in GUARDS]
    return ["## 誤りの種類", "", "`error` には `code`・`field`(行全体なら空)・`message` があります。", "",
            *table(("code", "意味"), rows), ""]  # fmt: skip


def _examples() -> list[str]:
    law = resident_law(YEAR, CITY)
    lines = [f"## 例({wareki.format_year(YEAR)}年度)", ""]
    for title, given in _EXAMPLES:
        reply = _answer(given, law)
        rows = [(f"`{name}`", RESIDENT_RESULT[name].title_ja, f"{reply['result'][name]:,}円") for name in _SHOWN]
        lines += [f"### {title}", "", "```json", json.dumps(given, ensure_ascii=False), "```", "",
                  *table(("項目", "意味", "答え"), rows), ""]  # fmt: skip
    lines += ["### 誤りの答え", "", "```json"]
    for given in _WRONG:
        lines += [json.dumps(given, ensure_ascii=False), json.dumps(_answer(given, law), ensure_ascii=False)]
    return [*lines, "```"]


def _answer(given: Mapping[str, object], law: ParameterSet) -> dict[str, Any]:
    ((text, _),) = calculate_lines([json.dumps(given).encode()], law, with_steps=False)
    reply: dict[str, Any] = json.loads(text)
    return reply
