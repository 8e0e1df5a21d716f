"""法定値の写し (keep and read): a run's parameter set is kept when it is opened, and read back by its fingerprint."""

from functools import lru_cache

from assessment.amendments.models import LawSet
from taxsys.params.archive import law_pack, law_unpack
from taxsys.params.model import ParameterSet, canonical_value
from taxsys.platform import clock

_KEPT = 16


def law_keep(law: ParameterSet, municipality_code: str) -> None:
    """Keep the set once; called in the transaction that opens a run."""
    if LawSet.objects.filter(municipality_code=municipality_code, parameter_hash=law.hash).exists():
        return
    LawSet.objects.bulk_create(
        [
            LawSet(
                tax_year=int(str(law.when)), municipality_code=municipality_code, parameter_hash=law.hash,
                content=law_pack(law), first_used_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def law_archived(parameter_hash: str, municipality_code: str) -> ParameterSet | None:
    """The set with this fingerprint as it was used, None where no copy was kept."""
    row = LawSet.objects.filter(municipality_code=municipality_code, parameter_hash=parameter_hash).first()
    return None if row is None else _unpacked(parameter_hash, row.pk)


@lru_cache(maxsize=_KEPT)
def _unpacked(parameter_hash: str, pk: int) -> ParameterSet:
    return law_unpack(LawSet.objects.get(pk=pk).content, expected_hash=parameter_hash)


def law_differences(before: ParameterSet, after: ParameterSet) -> list[tuple[str, str, str, str]]:
    """(id, title, before, after) of every value that differs between two sets, by id; tables are told by their rows."""
    found = []
    for key in sorted({*before.resolved, *after.resolved}):
        old, new = before.resolved.get(key), after.resolved.get(key)
        if old is not None and new is not None and canonical_value(old.value) == canonical_value(new.value):
            continue
        known = new or old
        if known is not None:
            texts = [one.text if one else "なし" for one in (old, new)]
            found.append((key, known.parameter.title, texts[0], texts[1]))
    return found
