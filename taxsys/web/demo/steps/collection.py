"""収納: slips with their list to the portal, payments back month by month, proof of the ledger."""

from datetime import date
from itertools import pairwise

from django.db.models import Sum

from collection.models import Overpayment, Receipt, Slip, Suspense
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityFile
from taxsys.city.payments import SlipSeen, convenience_records, payments_of, portal_records
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.web.demo.walk import MUNICIPALITY, TAX_YEAR, Demo, DemoStopped

JOBS = {"cvs_csv": "B-CL-10", "local_kyotsu_nofu_result": "B-CL-11"}
SLIP_LIST = "local_kyotsu_nofu_slip"
# 税目・料金番号 of the withholders' monthly slips.
WAGE_ITEMS = frozenset({"011"})
SETTLEMENT_DAYS = tuple(date(TAX_YEAR, month, day) for month, day in (
    (6, 9), (7, 15), (8, 15), (9, 15), (10, 15), (11, 20),
))  # fmt: skip


def slips(demo: Demo) -> None:
    """Slips of every method; what the city sees of them is the list that went out."""
    seen: list[SlipSeen] = []
    with demo.timed("納付書"):
        for method in ("ordinary", "wage"):
            demo.job("B-CL-14", {"tax_year": TAX_YEAR, "method": method}, date(TAX_YEAR, 6, 8))
        for issued in OutgoingFile.objects.filter(kind=SLIP_LIST).order_by("name"):
            records = layouts.get(SLIP_LIST).parse(issued.open_bytes()).records
            seen += [SlipSeen.from_record(record.values, withholder_item_codes=WAGE_ITEMS) for record in records]
    demo.notes["slips"] = seen
    demo.handled("納付書", len(seen))


def payments(demo: Demo) -> None:
    """Money comes back month by month until the business day of the demonstration."""
    seen = demo.notes["slips"]
    assert isinstance(seen, list)
    before = Receipt.objects.count()
    with demo.timed("収納"):
        acts = list(payments_of(seen, seed=demo.seed))
        for since, until in pairwise(SETTLEMENT_DAYS):
            stores = list(convenience_records(acts, since=since, until=until))
            portal = list(portal_records(acts, municipality_code=MUNICIPALITY, since=since, until=until))
            for layout, records, sender in (
                ("cvs_csv", stores, "収納代行"),
                ("local_kyotsu_nofu_result", portal, "地方税共同機構"),
            ):
                if records:
                    chosen = layouts.get(layout)
                    name = f"{layout}_{until:%Y%m%d}.csv"
                    file = CityFile(name, layout, chosen.edition, sender, "bank", until, chosen.write(records))
                    demo.take_in([file], JOBS)
    demo.handled("収納", Receipt.objects.count() - before)


def prove(demo: Demo) -> None:
    """The books agree to the yen."""
    with demo.timed("元帳の証明"):
        if not prove_ledger().is_ok:
            raise DemoStopped("元帳の証明に差異があります。manage.py prove ledger で確かめてください。")


def rows() -> list[tuple[str, str]]:
    """Slips, receipts, suspense, overpayments."""
    paid = Receipt.objects.filter(state="confirmed").aggregate(yen=Sum("amount_yen"))["yen"] or 0
    return [
        ("納付書", f"{Slip.objects.count():,}枚"),
        ("収納", f"{Receipt.objects.count():,}件 {paid:,}円"),
        ("仮受(不明金)", f"{Suspense.objects.count():,}件"),
        ("過誤納", f"{Overpayment.objects.count():,}件"),
    ]
