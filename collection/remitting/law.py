"""払込先と徴収取扱費の定め from `collection/params/masters/remitting.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from collection.params import parameter_file
from collection.remitting.rules import FeeLaw
from taxsys.kernel.rates import Rate

FILE = "remitting"


@cache
def fee_law() -> FeeLaw:
    """徴収取扱費の定め (地方税法47条)."""
    data = parameter_file(FILE)["fee"]
    return FeeLaw(data["per_taxpayer_yen"], Rate.parse(data["shortfall_share"]), tuple(map(tuple, data["terms"])))


@dataclass(frozen=True, slots=True)
class PrefectureTexts:
    """道府県あての文書の定め: addressee and the laws that the papers name."""

    addressee: str
    fee_law: str
    report_law: str


@cache
def prefecture_texts() -> PrefectureTexts:
    """道府県あての文書の定め."""
    data = parameter_file(FILE)
    return PrefectureTexts(data["prefecture"]["addressee"], data["fee"]["law_ja"], data["report"]["law_ja"])
