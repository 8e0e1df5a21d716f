"""Every form: the text of the page is the data, codes decode, nothing leaves the page, wrong figures are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.amendments.papers.relief_notice import ReliefNoticeDrawer
from assessment.resident.papers.filing_request import FilingRequestDrawer
from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from assessment.resident.papers.tax_notice_data import Calculation, NoticeMismatch
from assessment.resident.papers.withholding import ROWS_PER_PAGE, WithheldTaxpayerNoticeDrawer, WithholderNoticeDrawer
from assessment.resident.papers.withholding_data import notice_records
from assessment.withholders.papers.privilege_notice import PrivilegeNoticeDrawer
from certificates.papers.tax_certificate import TaxCertificateDrawer
from certificates.papers.tax_certificate_data import CertificateKind
from collection.papers.debit_letter import DebitLetterDrawer, DebitPaidDrawer
from collection.papers.difference_letter import DifferenceLetterDrawer
from collection.papers.payment_slip import CounterReceiptDrawer, PaymentSlipDrawer
from collection.papers.payment_slip_data import SlipMismatch
from collection.papers.prefecture_paper import FeePaperDrawer, PrefecturePaperDrawer
from collection.papers.refund_letter import RemittanceNoticeDrawer
from collection.papers.refund_notice import RefundNoticeDrawer
from delinquency.papers.reminder import ReminderDrawer
from taxsys.platform.files import layouts
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.errors import MissingGlyph, PrintingError
from taxsys.platform.printing.parts import AmountLine, yen_text
from tests.printing import samples
from tests.printing.conftest import decoded_strips, flat, page_texts, render

BIG = replace(samples.ADDRESSEE, name=samples.LONG_NAME, address_lines=samples.LONG_ADDRESS)
RARE = replace(samples.ADDRESSEE, name=samples.RARE_NAME)
EIGHT = 99_999_900


def _big_notice():
    instalments = tuple(replace(i, yen=EIGHT) for i in samples.INSTALMENTS)
    return samples.tax_notice(
        addressee=BIG,
        taxpayer_name=samples.LONG_NAME,
        city_yen=4 * EIGHT - 80_000_000,
        prefecture_yen=79_999_000,
        forest_yen=1_000,
        instalments=instalments,
        calculation=Calculation(incomes={}, deductions={}, city={}, prefecture={}, forest_yen=1_000),
        reason="更正の理由。" * 60,
        debit_text="口座振替。" * 60,
        late_interest_text="延滞金の割合。" * 120,
        slips=tuple(samples.slip(i.number, i.yen) for i in instalments),
    )


CASES = {
    "notice": (TaxNoticeDrawer(), samples.tax_notice()),
    "notice, longest": (TaxNoticeDrawer(), _big_notice()),
    "notice, rare kanji": (TaxNoticeDrawer(), samples.tax_notice(addressee=RARE, taxpayer_name=samples.RARE_NAME)),
    "notice of a pensioner": (TaxNoticeDrawer(), samples.pensioner_notice()),
    "notice, least data": (
        TaxNoticeDrawer(),
        samples.tax_notice(
            addressee=replace(samples.ADDRESSEE, zip7="", address_lines=(), address_code=""),
            city_yen=0,
            prefecture_yen=0,
            forest_yen=0,
            instalments=(),
            calculation=Calculation(incomes={}, deductions={}, city={}, prefecture={}, forest_yen=0),
            reason="",
            debit_text="",
            late_interest_text="",
            slips=(),
        ),
    ),
    "slip": (PaymentSlipDrawer(), [samples.slip(n) for n in range(1, 5)]),
    "slip, longest": (
        PaymentSlipDrawer(),
        [samples.slip(1, EIGHT, payer_name=samples.LONG_NAME, payer_address=samples.LONG_ADDRESS[0] * 3)],
    ),
    "receipt": (CounterReceiptDrawer(), samples.RECEIPT),
    "receipt, longest": (CounterReceiptDrawer(), replace(samples.RECEIPT, payer_name=samples.LONG_NAME, tax_yen=EIGHT)),
    "withholder": (WithholderNoticeDrawer(), samples.withholder_notice(20)),
    "withholder, longest": (
        WithholderNoticeDrawer(),
        samples.withholder_notice(
            addressee=BIG,
            employees=(samples.employee(1, EIGHT, name=samples.LONG_NAME, address=samples.LONG_ADDRESS[0] * 4),),
            is_change=True,
            change_from_month=10,
            change_reason="転勤",
        ),
    ),
    "withheld taxpayer": (WithheldTaxpayerNoticeDrawer(), samples.taxpayer_notice()),
    "difference letter": (DifferenceLetterDrawer(), samples.difference_letter()),
    "difference letter, longest": (
        DifferenceLetterDrawer(),
        samples.difference_letter(12, addressee=BIG, over_yen=EIGHT),
    ),
    "privilege notice": (PrivilegeNoticeDrawer(), samples.privilege_notice()),
    "privilege notice, refused, longest": (
        PrivilegeNoticeDrawer(),
        samples.privilege_notice(
            addressee=BIG, withholder_name=samples.LONG_NAME, act_ja="却下", reason_ja="理由の文。" * 40, dues=()
        ),
    ),
    "relief notice": (ReliefNoticeDrawer(), samples.relief_notice()),
    "relief notice, longest": (
        ReliefNoticeDrawer(),
        samples.relief_notice(
            16,
            addressee=BIG,
            taxpayer_name=samples.LONG_NAME,
            act="revoke",
            reason_ja="理" * 200,
            revoke_from=date(2026, 12, 1),
            old_annual_yen=EIGHT,
            annual_yen=EIGHT,
        ),
    ),
    "relief notice, refused": (
        ReliefNoticeDrawer(),
        samples.relief_notice(0, act="refuse", reason_ja="収入が基準を超えるため"),
    ),
    "remittance statement": (PrefecturePaperDrawer(), samples.prefecture_paper()),
    "remittance statement, longest": (
        PrefecturePaperDrawer(),
        samples.prefecture_paper(70, addressee=samples.LONG_NAME, tables=samples.prefecture_paper(45).tables * 2),
    ),
    "fee claim": (FeePaperDrawer(), samples.fee_paper()),
    "filing request": (FilingRequestDrawer(), samples.filing_request()),
    "filing request, longest": (FilingRequestDrawer(), samples.filing_request(addressee=BIG)),
    "reminder": (ReminderDrawer(), samples.reminder()),
    "reminder, longest": (ReminderDrawer(), samples.reminder(addressee=BIG, unpaid_yen=EIGHT, slip=None)),
    "remittance notice": (RemittanceNoticeDrawer(), samples.remittance_notice()),
    "remittance notice, longest": (
        RemittanceNoticeDrawer(),
        samples.remittance_notice(addressee=BIG, payer_name=samples.LONG_NAME),
    ),
    "refund notice": (RefundNoticeDrawer(), samples.refund_notice()),
    "refund notice, full page": (RefundNoticeDrawer(), samples.refund_notice(5, 4)),
    "refund notice, longest": (
        RefundNoticeDrawer(),
        samples.refund_notice(12, 8, addressee=BIG, payer_name=samples.LONG_NAME, interest_yen=EIGHT),
    ),
    "refund notice, nothing to pay": (RefundNoticeDrawer(), samples.refund_notice(1, 5, interest_yen=0)),
    "debit letter": (DebitLetterDrawer(), samples.debit_letter()),
    "debit letter, slips": (DebitLetterDrawer(), samples.debit_letter(1, 4)),
    "debit letter, longest": (
        DebitLetterDrawer(),
        samples.debit_letter(41, addressee=BIG, payer_name=samples.LONG_NAME, total_yen=EIGHT),
    ),
    "debit paid": (DebitPaidDrawer(), samples.debit_letter(3, title="口座振替済通知書", total_yen=36_900)),
    "certificate": (TaxCertificateDrawer(), samples.certificate()),
    "certificate, longest": (
        TaxCertificateDrawer(),
        samples.certificate(
            name=samples.LONG_NAME,
            address=samples.LONG_ADDRESS[0] * 3,
            incomes=tuple(AmountLine(f"分離課税の譲渡所得等の名称の長いもの{n}", EIGHT) for n in range(18)),
            remarks="備考の文。" * 40,
        ),
    ),
}


def _traced(fonts, drawer, paper) -> Book:
    book = Book(title="帳票", fonts=fonts, trace=True)
    drawer.draw(book, paper)
    return book


@pytest.mark.parametrize("name", CASES)
def test_nothing_leaves_the_page_or_runs_over_other_text(fonts, name: str) -> None:
    drawer, paper = CASES[name]
    book = _traced(fonts, drawer, paper)
    width, height = (297, 210) if isinstance(drawer, WithholderNoticeDrawer) else (210, 297)
    for placed in book.placed:
        assert placed.x0 >= 3, placed
        assert placed.x1 <= width - 3, placed
        assert placed.y0 >= 2, placed
        assert placed.y1 <= height - 0.5, placed
    assert book.page_count == drawer.page_count(paper)


@pytest.mark.parametrize("name", CASES)
def test_texts_do_not_overlap_each_other(fonts, name: str) -> None:
    drawer, paper = CASES[name]
    book = _traced(fonts, drawer, paper)
    by_page: dict[int, list] = {}
    for placed in book.placed:
        by_page.setdefault(placed.page, []).append(placed)
    for texts in by_page.values():
        for number, one in enumerate(texts):
            for other in texts[number + 1 :]:
                wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                high = min(one.y1, other.y1) - max(one.y0, other.y0)
                assert wide <= 0.3 or high <= 0.3, (one, other)


@pytest.mark.parametrize("name", CASES)
def test_same_data_gives_the_same_bytes(draw, name: str) -> None:
    drawer, paper = CASES[name]
    assert draw(drawer, paper) == draw(drawer, paper)


@pytest.mark.req("R-101")
def test_notice_shows_every_figure_of_its_data(draw) -> None:
    notice = samples.tax_notice()
    front, back, *slips = page_texts(draw(TaxNoticeDrawer(), notice))
    for line in notice.breakdown():
        assert line.label in flat(front)
        assert yen_text(line.yen) in front
    for instalment, due in zip(
        notice.instalments, ("令和8年6月30日", "令和8年8月31日", "令和8年11月2日", "令和9年2月1日"), strict=True
    ):
        assert f"{instalment.label}" in front
        assert due in front
    for rows in (notice.calculation.incomes, notice.calculation.deductions, notice.calculation.city):
        for yen in rows.values():
            assert yen_text(yen) in back
    assert "令和8年度　納税通知書".replace("　", "") in flat(front)
    assert "審査請求をすることができます" in flat(back)
    assert "３か月以内に、旭川市長に対して" in flat(back)
    assert "６か月以内に、旭川市を被告として" in flat(back)
    assert len(slips) == 2


@pytest.mark.req("R-101")
def test_notice_of_a_pensioner_tells_the_months_and_next_springs(draw) -> None:
    front = flat(page_texts(draw(TaxNoticeDrawer(), samples.pensioner_notice()))[0])
    assert "4月10,000円6月9,900円8月9,900円10月10,200円12月10,000円2月10,000円" in front
    assert "翌年度の仮徴収（年金からの特別徴収）：4月10,200円6月9,900円8月9,900円" in front
    with pytest.raises(NoticeMismatch, match="公的年金"):
        samples.pensioner_notice(pension_months=((10, 59_900),))


def test_codes_of_the_slips_of_a_notice_are_read_back_at_300_dpi(draw) -> None:
    notice = samples.tax_notice()
    pdf = draw(TaxNoticeDrawer(), notice)
    bars, squares = [], []
    for page in (2, 3):
        found = decoded_strips(render(pdf, page))
        bars += found.get("]C1", [])
        squares += found.get("]Q1", [])
    assert sorted(bars) == sorted(f"(91){slip.cvs44[2:]}" for slip in notice.slips)
    assert sorted(squares) == sorted(slip.qr_payload for slip in notice.slips)


def test_slip_above_the_limit_has_no_bar_code_but_says_so(draw) -> None:
    pdf = draw(PaymentSlipDrawer(), [samples.slip(1, 300_001)])
    assert "]C1" not in decoded_strips(render(pdf))
    assert "コンビニエンスストアではお取扱いできません" in flat(page_texts(pdf)[0])


def test_test_payload_is_marked_and_an_approved_one_is_not(draw) -> None:
    assert "TEST" in page_texts(draw(PaymentSlipDrawer(), [samples.slip(1, qr_payload="x")]))[0]
    assert "TEST" not in page_texts(draw(PaymentSlipDrawer(), [samples.slip(1, qr_payload="x", qr_is_test=False)]))[0]


@pytest.mark.req("N-088")
def test_slip_for_a_third_party_prints_no_address(draw) -> None:
    text = page_texts(draw(PaymentSlipDrawer(), [samples.slip(1, payer_address="")]))[0]
    assert "見本町" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"cvs44": samples.cvs44(24_999, date(2026, 6, 28))},
        {"cvs44": samples.cvs44(25_000, date(2026, 6, 29))},
        {"cvs44": "91" * 21},
        {"cvs44": "x" * 44},
        {"tax_yen": 0},
        {"tax_yen": -1, "cvs44": ""},
        {"fee_yen": -100, "tax_yen": 25_100},
    ],
)
def test_slip_whose_code_and_figures_disagree_is_refused(changes: dict) -> None:
    with pytest.raises(SlipMismatch):
        samples.slip(1, **{"tax_yen": 25_000, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"city_yen": 61_600},
        {"instalments": samples.INSTALMENTS[:3]},
        {"slips": (samples.slip(1, 27_400),)},
        {"instalments": samples.INSTALMENTS * 2},
        {"wage_withheld_yen": 100},
    ],
)
def test_notice_whose_figures_disagree_is_refused(changes: dict) -> None:
    with pytest.raises(NoticeMismatch):
        samples.tax_notice(**changes)


def test_calculation_line_without_a_place_on_the_form_is_refused() -> None:
    with pytest.raises(NoticeMismatch, match="unknown_income"):
        replace(samples.CALCULATION, incomes={"unknown_income": 1})


def test_withholder_notice_sums_the_months_and_lists_everyone(draw) -> None:
    notice = samples.withholder_notice(ROWS_PER_PAGE + 1)
    cover, *lists = page_texts(draw(WithholderNoticeDrawer(), notice))
    assert yen_text(notice.annual_yen) in cover
    assert sum(notice.month_sums) == notice.annual_yen
    assert yen_text(notice.month_sums[0]) in cover
    joined = "".join(lists)
    for row in notice.employees:
        assert row.notice_no in joined
        assert yen_text(row.annual_yen) in joined
    assert len(lists) == 2


@pytest.mark.req("N-090")
def test_employee_without_an_address_in_the_data_has_none_on_paper(draw) -> None:
    notice = samples.withholder_notice(employees=(samples.employee(1, address=""), samples.employee(2)))
    text = page_texts(draw(WithholderNoticeDrawer(), notice))[1]
    assert "見本町1丁目" not in text
    assert "見本町2丁目" in text


def test_months_that_do_not_sum_are_refused() -> None:
    with pytest.raises(NoticeMismatch, match="月割額"):
        samples.employee(1, months=(1,) * 12)


def test_taxpayer_notice_whose_breakdown_differs_is_refused() -> None:
    with pytest.raises(NoticeMismatch):
        samples.taxpayer_notice(forest_yen=0)


def test_request_to_file_names_the_year_the_day_and_who_need_not_file(draw) -> None:
    text = flat(page_texts(draw(FilingRequestDrawer(), samples.filing_request()))[0])
    assert "令和8年1月1日現在" in text
    assert "令和8年8月17日までに提出してください(地方税法第317条の２)" in text.replace("（", "(").replace("）", ")")
    assert "所得税の確定申告をした方" in text
    assert "前年中に収入がなかった方も" in text


@pytest.mark.req("R-114")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("減免決定通知書", "令和8年9月10日付けの申請について、次のとおり減免します", "120,000円")),
        ({"lines": 0, "act": "refuse", "reason_ja": "収入が基準を超えるため"},
         ("減免不承認通知書", "減免しないこととしました", "収入が基準を超えるため")),
        ({"act": "revoke", "reason_ja": "保護の廃止", "revoke_from": date(2026, 12, 1)},
         ("減免取消通知書", "令和8年12月1日以後に納期限の来る期別から減免を取り消します", "減免のまま残る額")),
    ],
)  # fmt: skip
def test_relief_notice_says_what_was_decided_why_and_how_to_appeal(draw, changes, words) -> None:
    text = flat(page_texts(draw(ReliefNoticeDrawer(), samples.relief_notice(**changes)))[0])
    assert [word for word in (*words, "G2026-00012", "審査請求") if word not in text] == []


@pytest.mark.parametrize("changes", [{"act": "x"}, {"act": "refuse"}, {"city_yen": 1}])
def test_relief_notice_that_contradicts_itself_is_refused(changes) -> None:
    with pytest.raises(ValueError, match=r"減免|理由"):
        samples.relief_notice(**changes)


def test_request_to_file_without_time_to_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="後の日"):
        samples.filing_request(reply_by=date(2026, 7, 15))


def test_reminder_carries_the_statutory_warning_and_its_slip(draw) -> None:
    pdf = draw(ReminderDrawer(), samples.reminder())
    text = flat(page_texts(pdf)[0])
    assert "発した日から起算して10日を経過した日までに完納されないときは" in text
    assert "財産の差押え" in text
    assert decoded_strips(render(pdf))["]C1"] == [f"(91){samples.reminder().slip.cvs44[2:]}"]


def test_reminder_before_or_on_the_due_date_is_refused() -> None:
    with pytest.raises(ValueError, match="納期限の後"):
        samples.reminder(issued_on=date(2026, 11, 2))


def test_certificate_shows_number_year_and_lines(draw) -> None:
    text = flat(page_texts(draw(TaxCertificateDrawer(), samples.certificate()))[0])
    for part in (
        "証明書番号C2026-0000123",
        "令和8年度所得課税証明書",
        "令和7年１月１日から12月31日",
        "2,920,000",
        "公印",
    ):
        assert part in text


def test_income_certificate_with_tax_and_taxed_non_taxable_one_are_refused() -> None:
    with pytest.raises(ValueError, match="所得証明書"):
        samples.certificate(kind=CertificateKind.INCOME)
    with pytest.raises(ValueError, match="非課税証明書"):
        samples.certificate(kind=CertificateKind.NON_TAXABLE)


def test_certificate_of_a_person_whose_name_no_font_has_names_the_person(fonts) -> None:
    book = Book(title="証明", fonts=fonts)
    book.owner("𪚥山　太郎")
    with pytest.raises(MissingGlyph, match="𪚥山　太郎"):
        TaxCertificateDrawer().draw(book, samples.certificate(name="𪚥山　太郎"))


NAMES = st.text(st.sampled_from("架空花子𠮷髙﨑邉\U000e0100株式会社ー　ABCabc（）・"), min_size=1, max_size=80).filter(
    lambda name: not name.startswith("\U000e0100")
)


@settings(max_examples=40, deadline=None)
@given(name=NAMES, lines=st.lists(NAMES, max_size=8), yen=st.integers(min_value=1, max_value=EIGHT))
def test_any_name_address_and_amount_stays_on_the_reminder_or_is_refused(fonts, name, lines, yen) -> None:
    card = samples.reminder(
        addressee=replace(samples.ADDRESSEE, name=name, address_lines=tuple(lines)), unpaid_yen=yen, slip=None
    )
    try:
        book = _traced(fonts, ReminderDrawer(), card)
    except PrintingError:
        return
    assert all(p.x0 >= 3 and p.x1 <= 207 and p.y0 >= 2 and p.y1 <= 295 for p in book.placed)
    drawn = "".join(p.text for p in book.placed)
    assert name in drawn
    assert yen_text(yen) in drawn


def test_data_file_of_the_withholder_carries_the_figures_of_the_paper() -> None:
    hidden = samples.employee(2, 99_000, address="")
    notice = samples.withholder_notice(employees=(samples.employee(1), hidden))
    paper = samples.taxpayer_notice()
    layout = layouts.get("local_tokucho_tsuchi")
    records = notice_records(notice, municipality_code="012041", breakdowns={paper.employee.notice_no: paper})
    parsed = layout.parse(layout.write(records))
    assert not parsed.errors
    first, second = (record.values for record in parsed.records)
    assert (first["annual"], first["m06"], first["m05"], first["forest"]) == (102_500, 9_000, 8_500, 1_000)
    assert (second["annual"], second["address"]) == (99_000, None)
    assert second["name"] == hidden.name


def test_a_notice_of_change_tells_the_old_tax_what_was_paid_and_asks_for_the_rest(draw) -> None:
    first, *later = samples.INSTALMENTS
    rest = samples.slip(first.number, first.yen - 7_500, due_on=first.due_on)
    notice = samples.tax_notice(
        old_annual_yen=150_000,
        paid_yen=(7_500, 0, 0, 0),
        reason="課税資料の追加又は訂正により、税額を変更したものです。",
        slips=(rest, *(samples.slip(i.number, i.yen, due_on=i.due_on) for i in later)),
    )
    front = flat(page_texts(draw(TaxNoticeDrawer(), notice))[0])
    assert "令和8年度税額変更通知書" in front
    assert "次のとおり変更しました" in front
    assert "変更前の年税額150,000" in front
    assert "納付済の額：第1期7,500円（同封の納付書は、未納の額です。）" in front
    with pytest.raises(NoticeMismatch, match="第1期の納付書の税額"):
        replace(notice, paid_yen=(0, 0, 0, 0))
    with pytest.raises(NoticeMismatch, match="期別ごとに必要"):
        replace(notice, paid_yen=(7_500,))
