"""口座振替の照会 (direct debit): which instalments the bank pays, and mandates with their requests."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from collection.models import Charge, DebitMandate, DebitRequest, DebitRequestState
from collection.params import debit_plan


def paid_by_debit() -> Q:
    """Condition on Charge: 口座振替分, an instalment whose party has a mandate in force on the due date.

    Such an instalment gets no payable slip: the bank draws it, and a slip beside it would invite a second payment. It
    falls out of the condition once the last attempt has failed (or the first, for a reason that trying again does not
    mend); then a slip is issued. docs/adr/0012-direct-debit.md.
    """
    plan = debit_plan()
    mandate = DebitMandate.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=OuterRef("due_on")),
        party_id=OuterRef("party_id"),
        tax_kind_id=OuterRef("tax_kind_id"),
        valid_from__lte=OuterRef("due_on"),
    )
    given_up = DebitRequest.objects.filter(charge_id=OuterRef("pk"), state=DebitRequestState.FAILED).filter(
        ~Q(result_code__in=plan.retry_codes) | Q(batch__attempt_no__gte=plan.max_attempts)
    )
    return Q(method="ordinary") & Exists(mandate) & ~Exists(given_up)


def debit_instalments(charge_ids: Iterable[int]) -> set[int]:
    """Of these charges the ones the bank pays; their notice says 口座振替 in the place of a slip."""
    return set(Charge.objects.filter(paid_by_debit(), pk__in=charge_ids).values_list("pk", flat=True))
