"""検索: one box; a My Number is never a search key (R-065, R-213); results live on the server for a quarter hour."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.search.models import SearchResult
from taxsys.platform.search.registry import SearchRefused, providers_for
from taxsys.platform.staff.models import Staff

RESULT_LIFE = timedelta(minutes=15)
RESULT_CAP = 200
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-‐‑–—―ー・.,_*%?]+(?=\d)")
_LONG_HYPHENS = re.compile(r"(?<=\d)[‐‑‒–—―−ー](?=\d)")
_TWELVE = re.compile(r"(?<!\d)\d{12}(?!\d)")


@dataclass(frozen=True)
class SearchAnswer:
    """What a search came to: the stored result, or None with the words to show."""

    result: SearchResult | None
    message_ja: str = ""
    offers: tuple[tuple[str, str], ...] = ()


def normalise(text: str) -> str:
    """The typed text as all providers see it: NFKC, control characters out, hyphens and spaces made one, stripped."""
    flat = unicodedata.normalize("NFKC", text)
    flat = "".join(char for char in flat if char.isprintable())
    flat = _LONG_HYPHENS.sub("-", flat)
    return re.sub(r"\s+", " ", flat).strip()


def holds_my_number(text: str) -> bool:
    """Whether twelve digits in the text (however separated) pass the check digit of a My Number."""
    normal = unicodedata.normalize("NFKC", text)
    candidates = _TWELVE.findall(normal) + _TWELVE.findall(_BETWEEN_DIGITS.sub("", normal))
    return any(my_number_valid(candidate) for candidate in candidates)


def neighbours(staff: Any, subject: str) -> tuple[str, str]:
    """Previous and next of the officer's last result that still stands, around one of its hits; "" where none is."""
    results = SearchResult.objects.filter(staff=staff, expires_at__gt=clock.now()).order_by("-created_at")
    hits: list[str] = next(iter(results.values_list("hits", flat=True)[:1]), [])
    if subject not in hits:
        return "", ""
    at = hits.index(subject)
    return (hits[at - 1] if at else "", hits[at + 1] if at + 1 < len(hits) else "")


def search(text: str, staff: Staff) -> SearchAnswer:
    """検索する: the first registered kind that recognises the text and finds something answers.

    Raises Refused R422-NUMBER for a My Number (recorded without it), R422 for an empty or overlong text. Each search
    is an event; the terms are not kept anywhere.
    """
    if holds_my_number(text):
        raise Refused("R422-NUMBER", reason="my_number_in_search")
    terms = normalise(text)
    if not terms or len(terms) > 200:
        raise Refused("R422", "検索する語を200字以内で入力してください。", reason="search_terms")
    asked = [provider for provider in providers_for(staff) if provider.recognise(terms)]
    too_wide = ""
    for provider in asked:
        try:
            hits = [str(hit) for hit in provider.find(terms, staff)][:RESULT_CAP]
        except SearchRefused as refused:
            too_wide = too_wide or refused.message_ja
            continue
        if hits:
            with transaction.atomic():
                SearchResult.objects.filter(expires_at__lt=clock.now()).delete()
                result = SearchResult.objects.create(
                    staff=staff, provider=provider.kind, hits=hits, expires_at=clock.now() + RESULT_LIFE
                )
                access_record(action="search", record_type=provider.kind, count=len(hits))
            return SearchAnswer(result)
    access_record(action="search", record_type=",".join(provider.kind for provider in asked)[:60], count=0)
    if too_wide:
        return SearchAnswer(None, too_wide)
    if not asked:
        return SearchAnswer(None, "この形の語で検索できるものがありません。氏名カナは2文字以上で入力してください。")
    kinds = "・".join(provider.title_ja for provider in asked)
    offers = [provider.offer(terms) for provider in asked if provider.offer]
    return SearchAnswer(
        None,
        f"{kinds}として検索しましたが、見つかりませんでした。語を短くするか、別の項目で検索してください。",
        tuple(offer for offer in offers if offer),
    )
