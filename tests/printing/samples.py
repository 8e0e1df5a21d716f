"""Fictional papers used by the tests and by the rendered examples of docs/forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assessment.amendments.papers.relief_notice_data import ReliefNotice, RelievedLine
from assessment.resident.papers.filing_request_data import FilingRequest
from assessment.resident.papers.tax_notice_data import Calculation, TaxNotice
from assessment.resident.papers.withholding_data import EmployeeRow, WithheldTaxpayerNotice, WithholderNotice
from assessment.withholders.papers.privilege_notice_data import DueLine, PrivilegeNotice
from certificates.papers.tax_certificate_data import CertificateKind, TaxCertificate
from collection.papers.debit_letter_data import DebitLetter
from collection.papers.difference_letter_data import DifferenceLetter, MonthLine
from collection.papers.payment_slip_data import CounterReceipt, PaymentSlip
from collection.papers.prefecture_paper_data import PaperTable, PrefecturePaper
from collection.papers.refund_notice_data import OffsetLine, RefundNotice, SurplusLine
from delinquency.papers.reminder_data import ReminderCard
from taxsys.platform.printing.parts import Addressee, AmountLine, Appeal, Instalment, Office

OFFICE = Office(
    municipality_name="旭川市",
    mayor_title="旭川市長",
    mayor_name="見本　太郎",
    section="税務部市民税課",
    zip7="0708525",
    address="旭川市７条通９丁目（見本）",
    phone="0166-00-0000",
)
APPEAL = Appeal(review_to="旭川市長", suit_defendant="旭川市", suit_representative="旭川市長")
ADDRESSEE = Addressee(
    person_no="P00000000012345",
    name="架空　花子",
    zip7="0700000",
    address_lines=("北海道旭川市見本町１丁目２番地の３", "サンプルハイツ４０５号室"),
    address_code="1-2-3-405",
)
LONG_NAME = "架空" * 45 + "合同会社旭川支店"
LONG_ADDRESS = tuple(
    f"北海道旭川市とても長い町の名前が続く見本町{n}丁目{n}番{n}号見本第{n}ビルディング" for n in range(1, 17)
)
RARE_NAME = "𠮷田　髙﨑　邉\U000e0100邊"


def cvs44(total_yen: int, pay_until: date, key: int = 1) -> str:
    """44 digits of a slip with the check digit of the GS1 guideline."""
    body = f"91012041{12345:05d}{key:016d}0{pay_until:%y%m%d}0{total_yen:06d}"
    weighted = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(body)))
    return body + str(-weighted % 10)


def slip(number: int = 1, tax_yen: int = 25_000, **changes: object) -> PaymentSlip:
    until = date(2026, (6, 8, 10, 12)[(number - 1) % 4], 28)
    made = PaymentSlip(
        municipality_name="旭川市",
        payee_name="旭川市会計管理者（公金取扱：見本銀行）",
        tax_name="市民税・道民税・森林環境税（普通徴収）",
        tax_year=2026,
        instalment_label=f"第{number}期",
        notice_no="R8-10-0001234-5",
        slip_no=f"S{number:09d}",
        payer_name="架空　花子",
        due_on=until,
        pay_until=until,
        tax_yen=tax_yen,
        payer_address="旭川市見本町１丁目２番地の３",
        cvs44=cvs44(tax_yen, until, number) if 0 < tax_yen <= 300_000 else "",
        el_number=("012041", "010", f"{number:020d}", "000123"),
        qr_payload=f"TEST:elqr/local-v1:012041:010:{number:020d}:{tax_yen:010d}:{until:%Y%m%d}:000123",
        contact="旭川市税務部納税管理課　電話 0166-00-0000",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


RECEIPT = CounterReceipt(
    municipality_name="旭川市",
    payee_name="旭川市会計管理者",
    tax_name="市民税・道民税・森林環境税（普通徴収）",
    tax_year=2026,
    instalment_label="第1期",
    notice_no="R8-10-0001234-5",
    receipt_no="2026-000123",
    payer_name="架空　花子",
    received_on=date(2026, 11, 20),
    tax_yen=25_000,
    late_interest_yen=700,
    till_name="納税管理課窓口１",
)

DUE = (date(2026, 6, 30), date(2026, 8, 31), date(2026, 11, 2), date(2027, 2, 1))
INSTALMENTS = tuple(
    Instalment(n, f"第{n}期", yen, due)
    for n, (yen, due) in enumerate(zip((27_500, 25_000, 25_000, 25_000), DUE, strict=True), 1)
)
CALCULATION = Calculation(
    incomes={
        "wage_revenue": 4_200_000,
        "wage_income": 2_920_000,
        "total_income": 2_920_000,
        "gross_income_total": 2_920_000,
    },
    deductions={
        "social_insurance": 630_000,
        "life_insurance": 56_000,
        "basic": 430_000,
        "dependants": 330_000,
        "total": 1_446_000,
    },
    city={
        "taxable": 1_474_000,
        "computed_levy": 88_440,
        "adjustment_credit": 3_000,
        "donation_credit": 26_940,
        "income_levy": 58_500,
        "per_capita": 3_000,
        "annual": 61_500,
    },
    prefecture={
        "taxable": 1_474_000,
        "computed_levy": 58_960,
        "adjustment_credit": 2_000,
        "donation_credit": 17_960,
        "income_levy": 39_000,
        "per_capita": 1_000,
        "annual": 40_000,
    },
    forest_yen=1_000,
    remarks=("寄附金税額控除　44,900円", "扶養親族　１人（16歳未満　０人）"),
)


def tax_notice(**changes: object) -> TaxNotice:
    made = TaxNotice(
        addressee=ADDRESSEE,
        office=OFFICE,
        appeal=APPEAL,
        notice_no="R8-10-0001234-5",
        document_no="見本市民税第R8-10-0001234-5号",
        tax_year=2026,
        issued_on=date(2026, 6, 10),
        taxpayer_name="架空　花子",
        city_yen=61_500,
        prefecture_yen=40_000,
        forest_yen=1_000,
        instalments=INSTALMENTS,
        calculation=CALCULATION,
        reason="令和８年１月１日（賦課期日）現在の住所及び前年中の所得に基づき、当初課税として決定したものです。",
        debit_text="口座振替をご利用の方は、各納期限の日に指定の口座から引き落とします。残高をご確認ください。",
        late_interest_text="納期限までに完納されないときは、納期限の翌日から納付の日までの日数に応じ、地方税法附則第３条の２に"
        "定める割合により計算した延滞金を加算して納めていただきます（1,000円未満の端数及び延滞金が1,000円未満のときは切捨て）。",
        slips=tuple(slip(i.number, i.yen, due_on=i.due_on) for i in INSTALMENTS),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def pensioner_notice(**changes: object) -> TaxNotice:
    """The same with 60,000 yen more, withheld from the pension in six months, and next spring's months."""
    months = ((4, 10_000), (6, 9_900), (8, 9_900), (10, 10_200), (12, 10_000), (2, 10_000))
    calculation = replace(CALCULATION, city={**CALCULATION.city, "annual": 121_500})
    return tax_notice(**{
        "city_yen": 121_500, "calculation": calculation, "pension_withheld_yen": 60_000, "pension_months": months,
        "next_provisional": (10_200, 9_900, 9_900), **changes,
    })  # fmt: skip


def employee(number: int = 1, annual_yen: int = 102_500, **changes: object) -> EmployeeRow:
    rest = annual_yen // 12 // 100 * 100
    made = EmployeeRow(
        notice_no=f"R8-11-{number:07d}-{number % 10}",
        person_no=f"P{number:014d}",
        employee_no=f"E{number:05d}",
        name=f"見本　従業員{number}",
        kana="ミホン",
        address=f"北海道旭川市見本町{number}丁目{number}番地",
        annual_yen=annual_yen,
        months=(annual_yen - 11 * rest, *[rest] * 11),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def withholder_notice(count: int = 20, **changes: object) -> WithholderNotice:
    made = WithholderNotice(
        addressee=replace(ADDRESSEE, name="株式会社見本商事　旭川支店", honorific="御中"),
        office=OFFICE,
        appeal=APPEAL,
        tax_year=2026,
        issued_on=date(2026, 5, 15),
        designation_no="1000123",
        notice_no="R8-11-T000123",
        employees=tuple(employee(n, 100_000 + 1_100 * n) for n in range(1, count + 1)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def taxpayer_notice(**changes: object) -> WithheldTaxpayerNotice:
    made = WithheldTaxpayerNotice(
        office=OFFICE,
        appeal=APPEAL,
        tax_year=2026,
        issued_on=date(2026, 5, 15),
        designation_no="1000123",
        withholder_name="株式会社見本商事　旭川支店",
        employee=employee(1),
        calculation=CALCULATION,
        city_income_yen=58_500,
        city_per_capita_yen=3_000,
        prefecture_income_yen=39_000,
        prefecture_per_capita_yen=1_000,
        forest_yen=1_000,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def reminder(**changes: object) -> ReminderCard:
    until = date(2026, 12, 10)
    made = ReminderCard(
        addressee=ADDRESSEE,
        office=OFFICE,
        appeal=APPEAL,
        reminder_no="D2026-000123",
        notice_no="R8-10-0001234-5",
        tax_name="市民税・道民税・森林環境税（普通徴収）",
        tax_year=2026,
        instalment_label="第3期",
        due_on=date(2026, 11, 2),
        issued_on=date(2026, 11, 20),
        pay_until=until,
        unpaid_yen=25_000,
        slip=slip(3, 25_000, due_on=date(2026, 11, 2), pay_until=until, cvs44=cvs44(25_000, until, 3)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def refund_notice(surpluses: int = 2, offsets: int = 1, **changes: object) -> RefundNotice:
    claim = "令和8年度 市民税・道民税・森林環境税 第{}期"
    made = RefundNotice(
        addressee=ADDRESSEE,
        office=OFFICE,
        appeal=APPEAL,
        refund_no="2026-0000123",
        payer_name="架空　花子",
        decided_on=date(2026, 11, 20),
        surpluses=tuple(
            SurplusLine(claim.format(n), "減額・取消", date(2026, 6, 25), 50_000) for n in range(1, surpluses + 1)
        ),
        offsets=tuple(OffsetLine(f"{claim.format(n)} 本税", date(2026, 11, 2), 10_000) for n in range(1, offsets + 1)),
        refund_yen=50_000 * surpluses - 10_000 * offsets,
        interest_yen=1_500,
        claim_until=date(2031, 10, 1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def remittance_notice(**changes: object) -> DebitLetter:
    made = DebitLetter(
        addressee=ADDRESSEE,
        office=OFFICE,
        letter_no="2600012301",
        title="還付金送金通知書",
        payer_name="旭川　太郎",
        issued_on=date(2026, 12, 1),
        opening="市税の還付金を、次の金融機関の窓口でお支払いします。",
        heads=("内容", "支払場所", "支払の期間", "金額（円）"),
        rows=(("還付金", "合成銀行 本支店", "令和8年12月1日から令和9年12月1日まで", "50,000"),),
        closing="この通知書と、本人を確かめられる書類をお持ちください。期間を過ぎると銀行では受け取れません。",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def difference_letter(months: int = 2, **changes: object) -> DifferenceLetter:
    made = DifferenceLetter(
        addressee=replace(ADDRESSEE, name="株式会社見本商事　旭川支店", honorific="御中"),
        office=OFFICE,
        designation_no="1000123",
        tax_year=2026,
        issued_on=date(2026, 11, 20),
        months=tuple(
            MonthLine(f"{(n + 5) % 12 + 1}月分", date(2026, 7, 10), 218_600, 218_100 - n) for n in range(months)
        ),
        over_yen=2_300,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def prefecture_paper(rows: int = 3, **changes: object) -> PrefecturePaper:
    table = PaperTable(
        "収入額の按分",
        ("課税年度", "区分", "収入額", "市民税分", "道民税分", "森林環境税分"),
        (20, 18, 22, 22, 22, 22),
        tuple(("令和8年度", "本税", "1,234,567,890", "740,740,734", "481,481,477", "12,345,679") for _ in range(rows)),
        ("計", "", "1,234,567,890", "740,740,734", "481,481,477", "12,345,679"),
        texts=2,
    )
    made = PrefecturePaper(
        title="道民税・森林環境税払込明細書",
        addressee="北海道上川総合振興局長",
        office=OFFICE,
        issued_on=date(2026, 11, 10),
        lead="令和8年10月に収納した個人の道民税および森林環境税を次のとおり払い込みます。",
        facts=(("払込額", "493,827,156円"), ("払込期限", "令和8年11月10日")),
        tables=(table,),
        notes="地方税法42条。課税年度ごとの収入額の累計を調定額で按分し（1円未満切捨て）、前月までの累計を引いた額です。",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def fee_paper() -> PrefecturePaper:
    table = PaperTable(
        "算定の内訳",
        ("区分", "計算", "金額"),
        (46, 92, 24),
        (
            ("納税義務者数による額（1号）", "（165,000人－前期までの150,000人）×3,000円", "45,000,000"),
            ("払込後の過誤納の還付（2号）", "減額と還付は翌月の払込で差し引いて精算済み", "0"),
            ("還付加算金（3号）", "2025年度 12,300円×4,000,000,000÷10,000,000,000＝4,920円", "4,920"),
            ("納期前納付の報奨金（4号）", "報奨金の制度なし", "0"),
            ("配当割額等の控除不足額（5号）", "1,234,567円×2/5（1円未満切捨て）", "493,826"),
        ),
        ("計", "", "45,498,746"),
        texts=2,
    )
    return prefecture_paper(
        title="個人道民税徴収取扱費 請求書",
        lead="地方税法47条1項により、令和8年度第2期の徴収取扱費を請求します。",
        facts=(("請求額", "45,498,746円"), ("算定期間", "令和8年7月1日から令和8年9月30日まで")),
        tables=(table,),
        notes="",
    )


def privilege_notice(**changes: object) -> PrivilegeNotice:
    made = PrivilegeNotice(
        addressee=replace(ADDRESSEE, name="株式会社見本商事　旭川支店", honorific="御中"),
        office=OFFICE,
        appeal=APPEAL,
        designation_no="1000123",
        withholder_name="株式会社見本商事　旭川支店",
        act_ja="承認取消",
        decided_on=date(2026, 10, 20),
        received_on=date(2026, 5, 11),
        effect_ja="令和8年9月25日で終わります。その日の属する月の翌月分から、毎月納入してください。",
        reason_ja="給与の支払を受ける者が常時10人未満でなくなったため",
        dues=(
            DueLine("9月分", date(2026, 10, 13)), DueLine("10月分", date(2026, 11, 10)),
            DueLine("11月分", date(2026, 12, 10)),
            *(DueLine(f"{month % 12 + 1}月分", date(2027, month - 10, 10)) for month in range(11, 17)),
        ),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def relief_notice(lines: int = 2, **changes: object) -> ReliefNotice:
    made = ReliefNotice(
        addressee=ADDRESSEE,
        office=OFFICE,
        appeal=APPEAL,
        relief_no="G2026-00012",
        act="grant",
        tax_year=2026,
        taxpayer_name="架空　花子",
        issued_on=date(2026, 11, 20),
        applied_on=date(2026, 9, 10),
        ground_ja="失業・廃業・疾病などによる所得の減少（所得が2分の1以下・前年の合計所得200万円以下・2分の1）",
        reason_ja="",
        lines=tuple(RelievedLine(f"普通徴収 第{n}期", date(2026, 11, 2), 20_000) for n in range(1, lines + 1)),
        city_yen=12_000 * lines,
        prefecture_yen=8_000 * lines,
        forest_yen=0,
        old_annual_yen=160_000,
        annual_yen=160_000 - 20_000 * lines,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def debit_letter(rows: int = 2, slips: int = 0, **changes: object) -> DebitLetter:
    made = DebitLetter(
        addressee=ADDRESSEE,
        office=OFFICE,
        letter_no="20260831-1-P00000000012345",
        title="口座振替不能のお知らせ",
        payer_name="架空　花子",
        issued_on=date(2026, 9, 4),
        opening="次の市税は、口座振替ができませんでした。",
        heads=("税目", "年度・期別", "理由", "この後", "金額（円）"),
        rows=tuple(
            ("市民税・道民税・森林環境税", f"令和8年度 第{n % 4 + 1}期", "資金不足", "R8.9.14に再振替", "12,300")
            for n in range(rows)
        ),
        closing="再振替の日が記載されたものは、前日までに残高をご用意ください。そのほかのものは、納付書により納めてください。"
        "行き違いに納付されたときは、ご容赦ください。",
        slips=tuple(slip(n) for n in range(1, slips + 1)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def filing_request(**changes: object) -> FilingRequest:
    made = FilingRequest(
        addressee=ADDRESSEE,
        office=OFFICE,
        request_no="P00000000012345",
        tax_year=2026,
        assessment_on=date(2026, 1, 1),
        issued_on=date(2026, 7, 15),
        reply_by=date(2026, 8, 17),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def certificate(**changes: object) -> TaxCertificate:
    made = TaxCertificate(
        kind=CertificateKind.INCOME_AND_TAX,
        office=OFFICE,
        certificate_no="C2026-0000123",
        issued_on=date(2026, 11, 20),
        tax_year=2026,
        name="架空　花子",
        birth_text="昭和60年4月1日",
        address="北海道旭川市見本町１丁目２番地の３　サンプルハイツ４０５号室",
        incomes=(
            AmountLine("給与収入", 4_200_000),
            AmountLine("給与所得", 2_920_000),
            AmountLine("合計所得金額", 2_920_000),
        ),
        deductions=(
            AmountLine("社会保険料控除", 630_000),
            AmountLine("基礎控除", 430_000),
            AmountLine("所得控除合計", 1_446_000),
        ),
        levies=(
            AmountLine("市民税所得割", 58_500),
            AmountLine("市民税均等割", 3_000),
            AmountLine("道民税所得割", 39_000),
            AmountLine("道民税均等割", 1_000),
            AmountLine("森林環境税", 1_000),
            AmountLine("年税額", 102_500),
        ),
        dependants_text="扶養親族　１人（16歳未満　０人）",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
