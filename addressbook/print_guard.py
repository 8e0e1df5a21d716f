"""支援措置と発送: pieces that were composed before a measure, or go to a new opponent (N-090, N-095).

Asked by release, handing over and posting of every print package, as of that day.
"""

from collections.abc import Iterator
from uuid import UUID

from addressbook.disclosure import is_opponent, opponents_by_party
from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from taxsys.platform.printing.guards import Stop
from taxsys.platform.printing.models import PrintItem, PrintPackage
from taxsys.platform.printing.parts import MailKind

COMPOSED_BEFORE = "作成の後に支援措置の対象になった方が載っています"
TO_OPPONENT = "送付先が支援措置の相手方です"


def protected_stops(package: PrintPackage) -> Iterator[Stop]:
    """Unpulled pieces about hidden people: not kept in the house, or addressed to an opponent of one of them."""
    hidden = {str(party): party for party in hidden_parties()}
    if not hidden:
        return
    items = _items_about(package, hidden)
    subjects = {key for item in items.values() for key in item}
    opponents = opponents_by_party([hidden[key] for key in sorted(subjects & hidden.keys())])
    addressees = Party.objects.in_bulk([UUID(item.addressee_key) for item in items if item.addressee_key])
    for item, keys in items.items():
        if not item.is_protected:
            yield Stop(item.batch, item.seq, COMPOSED_BEFORE)
            continue
        to = addressees.get(UUID(item.addressee_key)) if item.addressee_key else None
        against = [one for key in keys if key in hidden for one in opponents.get(hidden[key], ())]
        # A piece that was addressed to an opponent when it was composed is held back in the house already.
        if to is not None and item.mail_kind != MailKind.HOLD_BACK.value and is_opponent(to, against):
            yield Stop(item.batch, item.seq, TO_OPPONENT)


def _items_about(package: PrintPackage, hidden: dict[str, UUID]) -> dict[PrintItem, set[str]]:
    """Unpulled pieces in which a hidden person stands, or to whom they go, with everyone they are about."""
    unpulled = package.items.filter(pulled_by="")
    numbers = dict(Party.objects.filter(pk__in=hidden.values()).values_list("person_no", "pk"))
    found: dict[PrintItem, set[str]] = {}
    about = unpulled.filter(subjects__subject_key__in=hidden)
    for item in (about | unpulled.filter(addressee_key__in=hidden)).distinct().prefetch_related("subjects"):
        found[item] = {subject.subject_key for subject in item.subjects.all()}
    for item in unpulled.filter(person_no__in=numbers):
        found.setdefault(item, set()).add(str(numbers[item.person_no]))
    return found
