"""税目の選択肢: the tax kinds a delivery address or a relation may be for; its master names them."""

from collections.abc import Callable, Sequence

from addressbook.codes import ALL_TAX_KINDS

Choices = Sequence[tuple[str, str]]
_sources: list[Callable[[], Choices]] = []


def tax_kinds_from(source: Callable[[], Choices]) -> None:
    """Name the source of (code, title) pairs (from AppConfig.ready); the last one counts."""
    _sources[:] = [source]


def tax_kind_choices() -> list[tuple[str, str]]:
    """すべての税目 first, then each tax."""
    return [(ALL_TAX_KINDS, "すべての税目"), *(_sources[0]() if _sources else [])]
