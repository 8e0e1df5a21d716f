"""Every account, claim, receipt, overpayment, suspense, slip and payment beside the model, to the yen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from collection.selectors.account import ChargeStanding, party_account
from collection.selectors.proofs import prove_ledger
from tests.simulation.interest import late_interest
from tests.simulation.model import FEE, INTEREST, PRINCIPAL
from tests.simulation.world import Differs, World

_CLAIM = "concat_ws('|', c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no)"
_QUERIES = {
    "accounts": f"""SELECT CASE WHEN a.kind = 'receivable' THEN {_CLAIM} || '|' || a.component ELSE a.key END,
                           b.debit_yen - b.credit_yen
                      FROM collection_balance AS b JOIN collection_account AS a ON a.id = b.account_id
                      LEFT JOIN collection_charge AS c ON c.id = a.charge_id WHERE b.debit_yen <> b.credit_yen""",
    "claims": f"""SELECT {_CLAIM}, c.party_id, c.state, c.city_yen, c.prefecture_yen, c.forest_yen
                    FROM collection_charge AS c""",
    "receipts": """SELECT channel, external_key, state, amount_yen, paid_on FROM collection_receipt""",
    "overpayments": f"""SELECT {_CLAIM}, r.channel, r.external_key, o.cause, o.party_id, o.paid_on, o.arose_on, o.yen,
                               o.remaining_yen, coalesce(d.refund_no, '')
                          FROM collection_overpayment AS o JOIN collection_charge AS c ON c.id = o.charge_id
                          JOIN collection_receipt AS r ON r.id = o.receipt_id
                          LEFT JOIN collection_refunddecision AS d ON d.id = o.held_by_id""",
    "suspense": """SELECT r.channel, r.external_key, s.yen, s.remaining_yen, s.reason, s.opened_on
                     FROM collection_suspense AS s JOIN collection_receipt AS r ON r.id = s.receipt_id""",
    "slips": "SELECT case_no, state, amount_yen FROM collection_slip",
    "refunds": "SELECT refund_no, state, paid_yen FROM collection_refunddecision",
    "payments": "SELECT instruction_no, state, amount_yen FROM collection_refundpayment",
}


def _named(world: World, value: Any) -> Any:
    """Parties by their names in the simulation, inside keys too."""
    if isinstance(value, str) and ":" in value:
        head, _, tail = value.rpartition(":")
        return f"{head}:{world.by_text.get(tail, tail)}"
    return world.names.get(value, value)


def given(world: World) -> dict[str, Counter]:
    """What the product says."""
    out = {}
    with connection.cursor() as cursor:
        for title, query in _QUERIES.items():
            cursor.execute(query)
            out[title] = Counter(tuple(_named(world, value) for value in row) for row in cursor.fetchall())
    return out


def wanted(world: World) -> dict[str, Counter]:
    """What the model says."""
    books = world.books
    return {
        "accounts": Counter(books.accounts().items()),
        "claims": Counter(
            (one.key, one.party, "active" if one.is_active else "withdrawn", *one.parts)
            for one in books.claims.values()
        ),
        "receipts": Counter((*one.key, one.state, one.amount, one.paid_on) for one in books.receipts.values()),
        "overpayments": Counter(
            (o.claim, *o.receipt, o.cause, o.party, o.paid_on, o.arose_on, o.yen, o.remaining, o.held)
            for o in books.overs
        ),
        "suspense": Counter((*h.receipt, h.yen, h.remaining, h.reason, h.opened_on) for h in books.helds),
        "slips": Counter((one.no, one.state, one.amount) for one in books.slips.values()),
        "refunds": Counter((one.no, one.state, one.to_pay - one.unpaid) for one in world.refunds),
        "payments": Counter((one.no, one.state, one.yen) for r in world.refunds for one in r.payouts),
    }  # fmt: skip


def differences(said: Mapping[str, Counter], meant: Mapping[str, Counter]) -> list[str]:
    """Lines of what one side says and the other does not."""
    out = []
    for title, rows in meant.items():
        for row in sorted((said[title] - rows).elements(), key=str)[:5]:
            out.append(f"{title}: the product says {row}")
        for row in sorted((rows - said[title]).elements(), key=str)[:5]:
            out.append(f"{title}: the model says   {row}")
    return out


def books_agree(world: World) -> None:
    """Everything, after an event. Raises Differs."""
    if found := differences(given(world), wanted(world)):
        raise Differs("\n  ".join(["the books differ:", *found]))


def screens_agree(world: World, parties: Iterable[str]) -> None:
    """収納状況 of parties as their screen shows it today, late interest among it. Raises Differs."""
    for name in parties:
        for standing in party_account(world.parties[name], as_of=world.today):
            found, meant = _screen(standing), _screen_meant(world, standing)
            if found != meant:
                raise Differs(f"the account of {name} shows {found}, the model says {meant}")


def _key(standing: ChargeStanding) -> str:
    return "|".join(
        str(part)
        for part in (
            standing.tax_kind, standing.levy_year, standing.tax_year, standing.method, standing.notice_no,
            standing.instalment_no,
        )
    )  # fmt: skip


def _screen(one: ChargeStanding) -> tuple[Any, ...]:
    return (
        _key(one), one.levied_yen, one.open_yen, one.fee_open_yen, one.other_open_yen, one.interest_levied_yen,
        one.interest_yen or 0,
    )  # fmt: skip


def _screen_meant(world: World, standing: ChargeStanding) -> tuple[Any, ...]:
    claim, on = world.books.claims[_key(standing)], world.today
    interest = late_interest(claim.tax_yen, claim.due, claim.payments(), claim.reliefs, on)
    return (
        claim.key, claim.tax_yen, claim.open[PRINCIPAL], claim.open[FEE], claim.open[FEE] + claim.open[INTEREST],
        claim.raised[INTEREST], interest,
    )  # fmt: skip


def proofs_hold(world: World) -> None:
    """All proofs of the ledger, after a day. Raises Differs."""
    proof = prove_ledger()
    if not proof.is_ok:
        wrong = [f"{c.title_ja}: {c.difference_yen:,}円 {c.example_ja}" for c in proof.checks if not c.is_ok]
        raise Differs("\n  ".join([f"the proofs of {world.today} fail:", *wrong]))
