"""収納データの実物: bytes of the layouts, written and read by the platform, end in the ledger."""

from datetime import date

import pytest

from collection.models import Receipt, Slip
from collection.selectors.proofs import prove_ledger
from collection.services.debit import debit_batch_records, debit_batch_release, receipts_import_zengin91
from collection.services.imports import receipts_import_common, receipts_import_cvs
from taxsys.platform.files import layouts
from tests.collection.books import balance
from tests.collection.test_debit_and_files import AS_OF, batch, facts, issued  # noqa: F401

pytestmark = pytest.mark.django_db


def test_convenience_csv_of_the_agent_is_read_and_posted() -> None:
    slip = issued()
    line = (
        f'02,20260625,1205,EAN{slip.cvs_barcode},{slip.cvs_barcode[13:19]},{slip.cvs_barcode[19:30]},0,007000,010,'
        '"セブンイレブン",110001,20260710,20260706\r\n'
    )  # fmt: skip
    parsed = layouts.get("cvs_csv").parse(line.encode("cp932"))
    assert parsed.errors == []
    outcome = receipts_import_cvs(parsed.records, facts=facts(1, "cvs"), actor="job:test", as_of=AS_OF)
    assert (outcome.allocated_yen, outcome.suspense_yen) == (7000, 0)
    receipt = Receipt.objects.get()
    assert (receipt.paid_on, receipt.account_on) == (date(2026, 6, 25), date(2026, 7, 6))


def test_common_payment_file_is_read_and_posted() -> None:
    slip = issued()
    layout = layouts.get("local_kyotsu_nofu_result")
    values = {
        "notice_kind": "02", "payment_no": "P1", "municipality_code": "012041", "case_key": slip.el_case_key,
        "channel": "01", "paid_on": date(2026, 6, 25), "amount": 7000, "remitted_on": date(2026, 7, 3),
    }  # fmt: skip
    parsed = layout.parse(layout.write([values]))
    assert parsed.errors == []
    receipts_import_common(parsed.records, facts=facts(1, "common"), actor="job:test", as_of=AS_OF)
    assert (balance("receivable"), balance("cash_in")) == (0, 7000)


def test_debit_request_goes_out_and_its_result_comes_back(batch) -> None:  # noqa: F811
    debit_batch_release(batch.id)
    layout = layouts.get("zengin_91")
    records = [{**values, "result_code": "0"} for values in debit_batch_records(batch)]
    header = {
        "code_kubun": "0", "originator_code": "0000012345", "originator_name": "ｱｻﾋｶﾜｼ", "debit_mmdd": "0630",
        "bank_code": "0001", "branch_code": "001", "type_code": "91",
    }  # fmt: skip
    total = sum(values["amount"] for values in records)
    trailer = {"ok_count": len(records), "ok_amount": total, "ng_count": 0, "ng_amount": 0}
    parsed = layout.parse(layout.write(records, header=header, trailer=trailer))
    assert parsed.errors == []
    outcome = receipts_import_zengin91(parsed.header, parsed.records, facts=facts(1), actor="job:test", as_of=AS_OF)
    assert (outcome.posted, outcome.allocated_yen) == (3, total)
    assert Slip.objects.count() == 0
    assert prove_ledger().is_ok
