"""Tax notices come from decisions, ledger and slips; what does not agree is not printed; what is told is told once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import Sum

from addressbook.models import Address, DeliveryAddress, Party, Protection
from addressbook.selectors.protections import hidden_parties
from assessment.models import CollectionShare, Decision, ResidentResult
from assessment.resident.notices import ordinary
from collection.models import Charge, Slip, SlipLine
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import ChunkState, JobChunk, JobGate, JobRun, RunState, WorkItem
from taxsys.platform.jobs.services import job_request, job_resume, job_run_inline
from taxsys.platform.printing import services, store
from taxsys.platform.printing.checks import vendor_records
from taxsys.platform.printing.models import PackageState, PrintItem, PrintPackage
from taxsys.web.demo import Demo, DemoStopped
from tests.assessment.notices.conftest import NOTICE_ON, TAX_YEAR, at_desk, files_of
from tests.printing.conftest import decoded_strips, flat, page_texts, render

Print = Callable[..., JobRun]
KEY = f"10:{TAX_YEAR}:{NOTICE_ON}"


def keys() -> list[str]:
    return ordinary.notice_keys(TAX_YEAR, business_key=KEY)


def pieces(some: list[str] | None = None):
    with at_desk(date(2026, 6, 9)):
        return ordinary.notice_pieces(some or keys(), tax_year=TAX_YEAR, business_key=KEY, notice_on=NOTICE_ON)


def texts_of(package: PrintPackage, item: PrintItem) -> list[str]:
    part = package.parts.get(part_no=item.part_no)
    pages = page_texts(store.read_checked(part.pdf_path, part.pdf_sha256))
    return [flat(page) for page in pages[item.first_page - 1 : item.first_page - 1 + item.pages]]


def red(run: JobRun) -> set[str]:
    return set(JobGate.objects.filter(run=run, ok=False).values_list("gate_id", flat=True))


@pytest.mark.req("R-106")
def test_everybody_with_a_bill_or_a_withheld_pension_gets_one_notice_that_sums_to_the_ledger(
    print_notices: Print,
) -> None:
    run = print_notices()
    package = PrintPackage.objects.get()
    assert (package.state, red(run)) == (PackageState.BUILT, set())
    latest = {one.party_id: one for one in Decision.objects.order_by("version")}
    due = {
        f"{latest[share.party_id].notice_no}:{latest[share.party_id].version}"
        for share in CollectionShare.objects.filter(method__in=("ordinary", "pension"), total_yen__gt=0)
        if latest[share.party_id].run_id == share.run_id
    }
    assert set(package.items.values_list("item_key", flat=True)) == due
    levied = Charge.objects.filter(method="ordinary", state="active").aggregate(yen=Sum("amount_yen"))["yen"]
    assert package.items.aggregate(yen=Sum("amount_yen"))["yen"] == levied > 0


def test_the_page_tells_the_decision_its_calculation_its_instalments_and_its_slips(print_notices: Print) -> None:
    print_notices()
    package = PrintPackage.objects.get()
    slips = SlipLine.objects.filter(charge__method="ordinary").values_list("charge__notice_no", flat=True)
    item = next(one for one in package.items.order_by("seq") if list(slips).count(one.notice_no) == 4)
    decision = Decision.objects.filter(notice_no=item.notice_no).order_by("-version").first()
    result = ResidentResult.objects.get(run=decision.run, party=decision.party)
    front, back, *slip_pages = texts_of(package, item)
    assert f"旭市民税第{decision.notice_no}号" in front
    assert "令和8年度納税通知書" in front
    assert f"年税額{decision.annual_yen:,}" in front
    assert "令和8年1月1日（賦課期日）現在の住所" in front.replace("１", "1")
    for charge in Charge.objects.filter(notice_no=item.notice_no, method="ordinary"):
        assert f"第{charge.instalment_no}期{charge.amount_yen:,}" in front
    assert "この賦課決定に不服があるときは" in back
    values = back[back.index("通知書番号" + decision.notice_no) :]
    assert f"{result.taxable_income_yen:,}{result.taxable_income_yen:,}" in values
    assert f"{result.city_tax_yen:,}{result.prefectural_tax_yen:,}{result.forest_tax_yen:,}" in values
    assert f"{result.total_income_yen:,}{result.gross_income_yen:,}" in values
    assert len(slip_pages) == 2
    assert item.pages == 4


@pytest.mark.req("R-106")
def test_every_code_of_the_package_decodes_and_is_the_slip_in_circulation(print_notices: Print) -> None:
    print_notices()
    package = PrintPackage.objects.get()
    bars: set[str] = set()
    matrices: set[str] = set()
    for part in package.parts.all():
        pdf = store.read_checked(part.pdf_path, part.pdf_sha256)
        starts = {item.first_page: item for item in package.items.filter(part_no=part.part_no)}
        fronts = {page for first in starts for page in (first - 1, first)}
        for page in range(part.pages):
            if page in fronts:
                continue
            found = decoded_strips(render(pdf, page))
            bars |= set(found.get("]C1", ()))
            matrices |= {text for kind, texts in found.items() if kind.startswith("]Q") for text in texts}
    told = Slip.objects.filter(state="active", lines__charge__method="ordinary")
    assert bars == {f"(91){code[2:]}" for code in told.exclude(cvs_barcode="").values_list("cvs_barcode", flat=True)}
    assert matrices == {
        "TEST;elqr/local-v1;" + one.el_municipality_code + one.el_item_code + one.el_case_key + one.el_confirm_no
        + f";{one.amount_yen}"
        for one in told
    }  # fmt: skip


def test_two_builds_of_the_same_rows_give_the_same_bytes(print_notices: Print) -> None:
    print_notices()
    first = PrintPackage.objects.get()
    before = files_of(first)
    with at_desk(date(2026, 6, 9)):
        services.package_recall(first.pk, actor="1002", reason="再作成")
    print_notices()
    again = PrintPackage.objects.exclude(pk=first.pk).get()
    after = files_of(again)
    assert again.edition == 2
    assert set(before) == set(after)
    pdfs = [name for name in before if name.startswith("L-PI-05") and name.endswith(".pdf")]
    assert len(pdfs) == 2
    for name in pdfs:
        assert before[name] == after[name]
    stripped = [
        [{key: value for key, value in row.items() if key != "batch_no"} for row in vendor_records(one)]
        for one in (first, again)
    ]
    assert stripped[0] == stripped[1] != []


def test_a_job_broken_off_between_two_parts_resumes_to_the_same_files(
    decided: Demo, print_notices: Print, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGES_PER_PART", 40)
    write, done = services.part_write, []

    def breaks_off(*args: object, **options: object) -> object:
        if len(done) == 2:
            raise OSError("the worker is gone")
        done.append(write(*args, **options))
        return done[-1]

    monkeypatch.setattr(services, "part_write", breaks_off)
    run = _tried(decided)
    assert (run.state, PrintPackage.objects.get().parts.filter(is_written=True).count()) == (RunState.FAILED, 2)
    monkeypatch.setattr(services, "part_write", write)
    assert job_resume(run.pk, actor=decided.clerk, inline=True).state == RunState.FINISHED
    resumed = PrintPackage.objects.get()
    with at_desk(date(2026, 6, 9)):
        services.package_recall(resumed.pk, actor="1002", reason="比較のため")
    print_notices()
    straight = PrintPackage.objects.exclude(pk=resumed.pk).get()
    assert resumed.parts.count() > 3
    assert [p.pdf_sha256 for p in resumed.parts.order_by("part_no")] == [
        p.pdf_sha256 for p in straight.parts.order_by("part_no")
    ]


@pytest.mark.req("N-095")
def test_hidden_people_are_printed_in_the_house_and_never_reach_the_contractors_file(print_notices: Print) -> None:
    print_notices()
    package = PrintPackage.objects.get()
    hidden = hidden_parties(on=date(2026, 6, 9))
    inside = package.items.filter(is_protected=True)
    assert inside.count() == package.protected_pieces > 0
    assert set(inside.values_list("subjects__subject_key", flat=True)) <= {str(party) for party in hidden}
    assert not package.subjects.filter(item__batch="bulk", subject_key__in=[str(party) for party in hidden]).exists()
    bulk = b"".join(
        content
        for part in package.parts.filter(batch="bulk")
        for content in (
            store.read_checked(part.data_path, part.data_sha256),
            "".join(page_texts(store.read_checked(part.pdf_path, part.pdf_sha256))).encode(),
        )
    ).decode()
    for item in inside:
        assert item.notice_no not in bulk
        assert item.person_no not in bulk
    safe = set(Protection.objects.exclude(mail_to="").values_list("mail_to", flat=True))
    assert not any(address in bulk for address in safe)


def test_the_safe_address_of_a_protection_stands_on_the_piece_instead_of_the_home(print_notices: Print) -> None:
    protected = Protection.objects.create(
        party_id=sorted(_due_parties())[0], kind="1", accepted_on=date(2026, 4, 1), valid_from=date(2026, 4, 1),
        mail_to="旭川市支援センター気付（見本）", source="test", recorded_at="2026-04-01T00:00:00+09:00",
    )  # fmt: skip
    home = Address.objects.filter(party=protected.party).known().valid(NOTICE_ON).get().full_text
    print_notices()
    package = PrintPackage.objects.get()
    item = package.items.get(subjects__subject_key=str(protected.party_id))
    text = "".join(texts_of(package, item))
    assert "旭川市支援センター気付（見本）" in text
    assert flat(home) not in text
    assert item.batch == "inhouse"


def _due_parties() -> set[str]:
    numbers = {key.rpartition(":")[0] for key in keys()}
    return set(Decision.objects.filter(notice_no__in=numbers).values_list("party_id", flat=True))


def test_the_addressee_follows_the_registered_delivery_address(decided: Demo) -> None:
    with_slips = {one.subjects[0].key for one in pieces() if one.paper.slips and not one.addressee.is_protected}
    party = min(with_slips)
    DeliveryAddress.objects.create(
        party_id=party, tax_kind="10", valid_from=date(2026, 4, 1), addressee_name="見本　送付先", zip="0600001",
        address_text="北海道札幌市中央区北一条西２丁目（見本）", recorded_at="2026-04-01T00:00:00+09:00",
    )  # fmt: skip
    notice = Decision.objects.filter(party_id=party).order_by("-version").first()
    (piece,) = pieces([f"{notice.notice_no}:{notice.version}"])
    assert piece.addressee.name == "見本　送付先"
    assert piece.addressee.address_lines == ("北海道札幌市中央区北一条西２丁目（見本）",)
    assert piece.paper.taxpayer_name == Party.objects.get(pk=party).name
    assert {slip.payer_address for slip in piece.paper.slips} == {""}


def test_instalments_that_the_bank_draws_have_no_slip(decided: Demo) -> None:
    by_debit = [one for one in pieces() if one.is_debit]
    assert len(by_debit) > 5
    for one in by_debit:
        assert (one.paper.slips, one.cvs44) == ((), "")
        assert "口座振替をご利用です" in one.paper.debit_text
    with_slips = [one for one in pieces() if one.paper.slips]
    assert {len(one.paper.slips) for one in with_slips} <= {1, 2, 3, 4}
    assert all("口座振替をご利用になると" in one.paper.debit_text for one in with_slips)


def test_the_number_of_queries_does_not_grow_with_the_people(
    decided: Demo, django_assert_max_num_queries: Callable
) -> None:
    everybody = keys()
    with django_assert_max_num_queries(30):
        assert len(pieces(everybody)) == len(everybody) > 30


def test_a_slip_whose_figures_do_not_agree_is_set_aside_and_nothing_is_laid_out(
    decided: Demo, print_notices: Print
) -> None:
    line = SlipLine.objects.filter(charge__method="ordinary").order_by("charge__notice_no").first()
    SlipLine.objects.filter(pk=line.pk).update(principal_yen=line.principal_yen + 100)
    run = _tried(decided)
    assert run.state == RunState.FAILED
    assert "隔離した通知が1通" in run.message
    assert (
        JobChunk.objects.filter(run=run, state=ChunkState.FAILED)
        .get()
        .payload["keys"][0]
        .startswith(line.charge.notice_no)
    )
    assert PrintPackage.objects.count() == 0
    SlipLine.objects.filter(pk=line.pk).update(principal_yen=line.principal_yen)

    mended = job_resume(run.pk, actor=decided.clerk, inline=True)
    assert mended.state == RunState.FINISHED
    assert red(mended) == set()


def _tried(demo: Demo) -> JobRun:
    params = {"tax_year": TAX_YEAR, "notice_on": NOTICE_ON.isoformat()}
    run = job_request("B-PI-16", params, actor=demo.clerk, business_on=date(2026, 6, 9))
    return job_run_inline(run.pk, actor=demo.clerk)


def test_a_character_without_glyph_stops_the_package_and_names_the_person_on_the_work_list_only(
    decided: Demo,
) -> None:
    hidden = hidden_parties(on=NOTICE_ON)
    party = next(one for one in sorted(_due_parties()) if one not in hidden)
    name = Party.objects.get(pk=party).name
    Party.objects.filter(pk=party).update(name="𪚥田　一")
    run = _tried(decided)
    assert run.state == RunState.FAILED
    assert "印字できない文字のある通知が1通" in run.message
    item = WorkItem.objects.get(run=run)
    assert (item.kind, item.code) == ("printing.glyph", "P0001")
    assert "𪚥田　一" in item.message_ja
    assert not any("𪚥" in log.text_ja for log in run.log_lines.all())
    assert PrintPackage.objects.count() == 0
    Party.objects.filter(pk=party).update(name=name)

    assert job_resume(run.pk, actor=decided.clerk, inline=True).state == RunState.FINISHED
    assert WorkItem.objects.get(run=run).state == "done"


def test_nothing_new_to_tell_is_said_and_a_recalled_package_is_told_again(decided: Demo, print_notices: Print) -> None:
    print_notices()
    package = PrintPackage.objects.get()
    empty = print_notices(notice_on=date(2026, 6, 25))
    assert (empty.state, PrintPackage.objects.count()) == (RunState.FINISHED, 1)
    assert "新しく通知するものはありません。" in set(empty.log_lines.values_list("text_ja", flat=True))
    with at_desk(date(2026, 6, 10)):
        services.package_recall(package.pk, actor="1002", reason="税額誤り")
    print_notices(notice_on=date(2026, 6, 26))
    other = PrintPackage.objects.exclude(pk=package.pk).get()
    assert (other.pieces, other.edition) == (package.pieces, 1)


@pytest.mark.req("R-107")
def test_release_by_the_chief_hand_over_and_posting(decided: Demo, print_notices: Print) -> None:
    run = decided.release(print_notices())
    package = PrintPackage.objects.get(job_run_id=run.pk)
    assert (package.state, package.built_by, package.released_by) == (PackageState.RELEASED, "1001", "1002")
    bulk = package.items.filter(batch="bulk").count()
    with at_desk(date(2026, 6, 11)):
        with pytest.raises(services.PackageRefused, match="一致しません"):
            services.package_hand_over(package.pk, to="見本印刷", bulk_pieces=bulk - 1)
        services.package_hand_over(package.pk, to="見本印刷", bulk_pieces=bulk)
        services.item_pull(package.pk, package.items.first().item_key, actor="1001", reason="死亡の届出")
        mailed = services.package_mail(
            package.pk, posted_on=date(2026, 6, 12), mailed_pieces=package.pieces - 2, accident_pieces=1
        )
    assert (mailed.state, mailed.posted_on) == (PackageState.MAILED, date(2026, 6, 12))
    assert (mailed.mailed_pieces, mailed.pulled_pieces, mailed.accident_pieces) == (package.pieces - 2, 1, 1)


def test_a_run_whose_package_was_recalled_cannot_be_let_go(decided: Demo, print_notices: Print) -> None:
    run = print_notices()
    with at_desk(date(2026, 6, 10)):
        services.package_recall(PrintPackage.objects.get().pk, actor="1002", reason="税額誤り")
    with pytest.raises(DemoStopped, match="回収されています"):
        decided.release(run)
    assert PrintPackage.objects.get().state == PackageState.RECALLED


def test_printing_leaves_an_access_event_for_every_taxpayer(print_notices: Print) -> None:
    print_notices()
    told = {subject for event in AccessEvent.objects.filter(action="print") for subject in event.subjects}
    assert told == {str(party) for party in _due_parties()}


# --- faults planted in a closed package: each gate can fire ----------------------------------------------------------
def _gates(demo: Demo, run: JobRun) -> set[str]:
    from taxsys.platform.jobs import registry
    from taxsys.platform.jobs.context import acting, context_for

    job = registry.get(run.job_id)
    with acting(run, job):
        ctx = context_for(run, job)
        return {result.id for gate in job.gates for result in gate(ctx) if not result.ok}


def test_a_levy_without_a_notice_is_found(decided: Demo, print_notices: Print) -> None:
    run = print_notices()
    charge = Charge.objects.filter(method="ordinary").order_by("notice_no").first()
    Charge.objects.filter(pk=charge.pk).update(amount_yen=charge.amount_yen + 1000, city_yen=charge.city_yen + 1000)
    assert "sums_are_the_ledger" in _gates(decided, run)


def test_a_person_who_became_hidden_after_the_package_was_made_is_found(decided: Demo, print_notices: Print) -> None:
    run = print_notices()
    subject = PrintPackage.objects.get().subjects.filter(item__batch="bulk").first()
    Protection.objects.create(
        party_id=subject.subject_key, kind="1", accepted_on=date(2026, 6, 1), valid_from=date(2026, 6, 1),
        source="test", recorded_at="2026-06-09T00:00:00+09:00",
    )  # fmt: skip
    assert _gates(decided, run) == {"no_stops", "protected_stay_inside"}


def test_a_changed_data_file_is_found(decided: Demo, print_notices: Print) -> None:
    run = print_notices()
    part = PrintPackage.objects.get().parts.get(batch="bulk")
    path = store.root() / part.data_path
    path.write_bytes(path.read_bytes().replace(b"2026-10-", b"2026-19-", 1))
    with pytest.raises(services.PackageRefused, match="作成時と異なります"):
        _gates(decided, run)


def test_a_notice_left_out_is_found(decided: Demo, print_notices: Print, database_role: Callable) -> None:
    run = print_notices()
    package = PrintPackage.objects.get()
    lost = package.items.filter(batch="bulk").order_by("-seq").first()
    _without_guard(database_role, "DELETE FROM printing_printsubject WHERE item_id = %s", lost.pk)
    _without_guard(database_role, "DELETE FROM printing_printitem WHERE id = %s", lost.pk)
    assert {"sequence", "every_piece", "vendor_rows", "everybody_told"} <= _gates(decided, run)


def _without_guard(database_role: Callable, sql: str, key: int) -> None:
    from django.db import connection

    tables = ("printing_printitem", "printing_printsubject")
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, [key])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_code_that_is_not_the_figure_beside_it_is_found() -> None:
    from taxsys.platform.printing.checks import _codes_agree

    slip = {
        "slip_no": "1", "tax_yen": 25_000, "cvs44": "9" * 37 + "025000" + "1", "qr_is_test": True,
        "el_number": ["012041", "010", "0" * 20, "000123"],
        "qr_payload": "TEST;elqr/local-v1;012041010" + "0" * 20 + "000123;25000",
    }  # fmt: skip
    assert _codes_agree(slip)
    assert not _codes_agree(slip | {"tax_yen": 25_001})
    assert not _codes_agree(slip | {"qr_payload": slip["qr_payload"].replace(";25000", ";2500")})
    assert not _codes_agree(json.loads(json.dumps(slip | {"el_number": ["012041", "010", "1" * 20, "000123"]})))
