"""Acts on what is owed: levies, corrections, recalls, deferments, fees, slips."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random

from collection.models import Component, InterestRelief, Slip
from collection.services.components import component_cancel, component_raise
from collection.services.levy import LevyRow, levy_adjust, levy_post, levy_reverse
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from tests.simulation.model import FEE, INTEREST, PRINCIPAL, Claim, Refused, SlipSheet
from tests.simulation.world import World

DUES = {
    "10": (date(2025, 6, 30), date(2025, 9, 1), date(2025, 10, 31), date(2026, 2, 2)),
    "20": (date(2025, 7, 31), date(2025, 12, 25), date(2026, 3, 2)),
    "30": (date(2025, 6, 30),),
}
MONTHS = tuple(date(2025 + (6 + n) // 12, (6 + n) % 12 + 1, 10) for n in range(12))
PENSION_DUES = (date(2025, 11, 10), date(2026, 1, 13), date(2026, 3, 10))
# Amounts at the edges of the rounding rules, and ordinary ones.
YEN = (999, 1000, 1999, 2000, 2001, 3500, 9_900, 12_000, 33_300, 85_000, 300_000, 300_001, 1_234_500)
Parts = tuple[int, int, int]


def parts_of(tax: str, yen: int, forest: int = 0) -> Parts:
    """City, prefecture and forest part of a sum."""
    return (yen - yen * 4 // 10 - forest, yen * 4 // 10, forest) if tax == "10" else (yen, 0, 0)


def claim_of(party: str, tax: str, method: str, notice: str, number: int, due: date, parts: Parts) -> Claim:
    """A claim of the simulated year; its decision is the notice's first."""
    key = f"{tax}|2025|2025|{method}|{notice}|{number}"
    return Claim(key, party, tax, due, f"D-{notice}-1", 0, parts)


def rows_of(world: World, claims: Iterable[Claim]) -> list[LevyRow]:
    """Claims as rows of a levy; of a withholder's month one for each employee."""
    out = []
    for claim in claims:
        tax, levy_year, tax_year, method, notice, number = claim.key.split("|")
        shares = claim.shares or {"": (claim.source, claim.parts)}
        out += [
            LevyRow(
                source, world.parties[claim.party], tax, int(levy_year), int(tax_year), method, notice, int(number),
                claim.due, claim.due, *parts, employee_id=world.parties[name] if name else None,
            )
            for name, (source, parts) in shares.items()
        ]  # fmt: skip
    return out


def first_levy(world: World, rng: Random) -> None:
    """June: everybody's year, by job or by hand, in one act."""
    claims: list[Claim] = []
    for name in world.parties:
        if name[0] == "R":
            taxes = [tax for tax in DUES if tax == "10" or rng.random() < 0.4]
            for tax in taxes:
                notice = f"{world.tag}{name}T{tax}"
                yen = rng.choice(YEN)
                for number, due in enumerate(DUES[tax], start=1):
                    forest = 100 if tax == "10" and number == 1 and yen >= 1000 else 0
                    claims.append(claim_of(name, tax, "ordinary", notice, number, due, parts_of(tax, yen, forest)))
        elif name[0] == "P":
            for number, due in enumerate(PENSION_DUES, start=1):
                parts = parts_of("10", 7000 + 100 * number)
                claims.append(claim_of(name, "10", "pension", f"{world.tag}{name}N", number, due, parts))
    claims += employers(world, rng)
    post(world, claims, rng)


def employers(world: World, rng: Random) -> list[Claim]:
    """Withholders' months with the shares of three employees each."""
    out = []
    residents = [name for name in world.parties if name[0] == "R"]
    for name in (name for name in world.parties if name[0] == "E"):
        staff = rng.sample(residents, 3)
        months = {one: rng.choice((1000, 2500, 14_900)) for one in staff}
        for number, due in enumerate(MONTHS, start=1):
            claim = claim_of(name, "10", "wage", f"{world.tag}{name}W", number, due, (0, 0, 0))
            claim.shares = {one: (f"D-{world.tag}{name}{one}", parts_of("10", months[one])) for one in staff}
            claim.parts = total(claim)
            out.append(claim)
    return out


def total(claim: Claim) -> Parts:
    """The withholder's month from the shares."""
    parts = [parts for _source, parts in claim.shares.values()]
    return (sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts))


def post(world: World, claims: list[Claim], rng: Random) -> None:
    """調定 of these claims under one key."""
    key, rows = f"{world.tag}:levy:{world.number()}", rows_of(world, claims)

    def model() -> None:
        for claim in claims:
            world.books.levy(claim)

    world.both(
        lambda: levy_post(rows, dedupe_key=key, occurred_on=clock.today(), actor="job:sim"), model, rng, again=True
    )
    world.remember(claim.key for claim in claims)


def levy_anew(world: World, rng: Random) -> bool:
    """A notice that was recalled is levied again, or (refused) one that stands."""
    notices = sorted({key.rsplit("|", 1)[0] for key in world.books.claims if "|ordinary|" in key})
    notice = rng.choice(notices)
    old = [one for key, one in world.books.claims.items() if key.rsplit("|", 1)[0] == notice]
    if any(one.is_active for one in old) and rng.random() < 0.9:
        return False
    if any(one.tax_yen for one in old):
        world.both(
            lambda: levy_post(
                rows_of(world, old), dedupe_key=f"{world.tag}:twice:{world.number()}", occurred_on=clock.today(),
                actor="job:sim",
            ),
            _refuse, rng,
        )  # fmt: skip
        return True
    source, yen = f"D-{old[0].key.split('|')[4]}-{world.number()}", rng.choice(YEN)
    post(world, [Claim(o.key, o.party, o.tax, o.due, source, 0, parts_of(o.tax, yen)) for o in old], rng)
    return True


def _refuse() -> None:
    raise Refused("調定済み")


def correct(world: World, rng: Random) -> bool:
    """更正: the year of a notice, or an employee's months, come out otherwise."""
    live = sorted({key.rsplit("|", 1)[0] for key, one in world.books.claims.items() if one.is_active})
    if not live:
        return False
    notice = rng.choice(live)
    claims = [one for key, one in world.books.claims.items() if key.rsplit("|", 1)[0] == notice and one.is_active]
    source, how = f"D-{notice.split('|')[4]}-{world.number()}", rng.choice(("less", "more", "tail", "nil", "same"))
    first = rng.randrange(len(claims))
    who = rng.choice(sorted(claims[0].shares)) if claims[0].shares else ""
    wanted = []
    for number, claim in enumerate(claims):
        parts = claim.shares[who][1] if who else claim.parts
        new = _changed(parts, how if number >= first else "same", rng)
        one = Claim(claim.key, claim.party, claim.tax, claim.due, source, 0, new, shares=dict(claim.shares))
        if who:
            one.shares[who] = (source, new)
            one.parts = total(one)
        wanted.append(one)
    key = f"{world.tag}:adjust:{world.number()}"
    rows = [row for row in rows_of(world, wanted) if not who or row.employee_id == world.parties[who]]

    def model() -> None:
        for one in wanted:
            world.books.adjust(one.key, one.parts, source, world.today)
            world.books.claims[one.key].shares = one.shares

    world.both(
        lambda: levy_adjust(rows, dedupe_key=key, occurred_on=clock.today(), actor="job:sim"), model, rng, again=True
    )
    return True


def _changed(parts: Parts, how: str, rng: Random) -> Parts:
    if how == "less":
        return (parts[0] // 2, parts[1] // 2, parts[2])
    if how == "more":
        return (parts[0] + rng.choice((1, 99, 100, 5000)), parts[1], parts[2])
    if how == "tail":
        return (max(0, parts[0] - 1000), parts[1], 0)
    return (0, 0, 0) if how == "nil" else parts


def recall(world: World, rng: Random) -> bool:
    """調定の取消 of a decision: of a notice, or of an employee behind a withholder."""
    sources = {one.source for one in world.books.claims.values() if one.tax_yen and not one.shares}
    sources |= {source for one in world.books.claims.values() for source, parts in one.shares.values() if sum(parts)}
    if not sources:
        return False
    source = rng.choice(sorted(sources))
    key = f"{world.tag}:recall:{world.number()}"

    def model() -> None:
        for claim in list(world.books.claims.values()):
            if claim.shares:
                gone = [who for who, (src, parts) in claim.shares.items() if src == source and sum(parts)]
                for who in gone:
                    claim.shares[who] = (source, (0, 0, 0))
                if gone and total(claim) != (0, 0, 0):
                    world.books.adjust(claim.key, total(claim), source, world.today)
                elif gone:
                    world.books.recall([claim.key], world.today)
            elif claim.source == source and claim.tax_yen:
                world.books.recall([claim.key], world.today)

    world.both(
        lambda: levy_reverse([source], dedupe_key=key, occurred_on=clock.today(), actor="job:sim"),
        model, rng, again=True,
    )  # fmt: skip
    return True


def defer(world: World, rng: Random) -> bool:
    """猶予・減免の期間 of late interest: kept as an interval beside the claim."""
    overdue = [one for one in world.books.claims.values() if one.due < world.today and one.open[PRINCIPAL]]
    if not overdue:
        return False
    claim = rng.choice(overdue)
    first = claim.due + timedelta(days=rng.randint(1, 40))
    last, effect = first + timedelta(days=rng.randint(0, 120)), rng.choice(("zero", "half"))
    InterestRelief.objects.create(
        charge_id=world.charges[claim.key], relief_from=first, relief_until=last, effect=effect, actor="staff:5001",
        legal_ground="地方税法15条の9", decision_no=f"{world.number()}", recorded_at=clock.now(),
    )  # fmt: skip
    claim.reliefs.append((first, last, effect))
    return True


def fee(world: World, rng: Random) -> bool:
    """督促手数料 is levied, or taken back with its reminder."""
    claims = [one for one in world.books.claims.values() if one.is_active and one.due < world.today]
    if not claims:
        return False
    claim = rng.choice(claims)
    charge, on = world.charges[claim.key], world.today
    if claim.raised[FEE] and rng.random() < 0.6:

        def model() -> None:
            if claim.open[FEE] < claim.raised[FEE]:
                raise Refused("納付済み")
            claim.lower(FEE, claim.raised[FEE])

        world.both(
            lambda: component_cancel(charge, Component.REMINDER_FEE, occurred_on=on, actor="staff:5001"), model, rng
        )
    elif claim.open[PRINCIPAL]:
        world.both(
            lambda: component_raise(charge, Component.REMINDER_FEE, to_yen=100, occurred_on=on, actor="staff:5001"),
            lambda: claim.raise_to(FEE, 100), rng,
        )  # fmt: skip
    return True


# --- slips ------------------------------------------------------------------------------------------------------------


def slips_for_all(world: World, rng: Random) -> None:
    """A slip for every instalment that no bank draws."""
    wanted = [
        ([one.key], 0, 0, date(2026, 5, 29))
        for one in world.books.claims.values()
        if one.open[PRINCIPAL] and not one.is_pension and not (one.party in world.mandates and one.tax == "10")
    ]
    issue(world, wanted, rng)


def slip_again(world: World, rng: Random) -> bool:
    """A slip anew: for one instalment, with its fee and interest to a day, or for several of a party in one."""
    claims = [one for one in world.books.claims.values() if one.is_active and not one.is_pension]
    owing = [one for one in claims if one.open[PRINCIPAL] or one.interest(world.today) > one.raised[INTEREST]]
    if not owing:
        return False
    claim = rng.choice(owing)
    until = world.today + timedelta(days=rng.randint(3, 30))
    # Together on one slip goes what the portal takes under one item: one tax, and withheld months apart.
    of_one_item = [one for one in claims if (one.party, one.tax) == (claim.party, claim.tax) and not one.shares]
    all_open = [one.key for one in of_one_item if one.open[PRINCIPAL]]
    if len(all_open) > 1 and rng.random() < 0.4:
        issue(world, [(all_open[: rng.randint(2, len(all_open))], 0, 0, until)], rng)
        return True
    interest = claim.open[INTEREST] + max(0, claim.interest(until) - claim.raised[INTEREST])
    if claim.open[PRINCIPAL] or interest:
        issue(world, [([claim.key], claim.open[FEE], interest, until)], rng)
    return True


Wanted = tuple[list[str], int, int, date]


def issue(world: World, wanted: list[Wanted], rng: Random) -> None:
    """Issue slips on both sides; numbers and codes are the product's."""
    if not wanted:
        return
    requests = [
        SlipRequest(tuple(world.charges[key] for key in keys), until, reminder_fee_yen=fee, late_interest_yen=interest)
        for keys, fee, interest, until in wanted
    ]
    sheets = [
        [(key, world.books.claims[key].open[PRINCIPAL], fee, interest) for key in keys]
        for keys, fee, interest, _until in wanted
    ]
    act: Callable[[], object] = lambda: slip_issue_many(requests, issued_on=clock.today())  # noqa: E731
    issued = world.both(act, lambda: None, rng)
    slips = Slip.objects.in_bulk([one.slip_id for one in issued])
    for one, lines in zip(issued, sheets, strict=True):
        slip = slips[one.slip_id]
        world.books.slip_issue(SlipSheet(slip.case_no, lines, slip.cvs_barcode, slip.el_case_key))
        if slip.amount_yen != world.books.slips[slip.case_no].amount:
            raise AssertionError(f"slip {slip.case_no} asks for {slip.amount_yen}")
