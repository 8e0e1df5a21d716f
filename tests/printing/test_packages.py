"""Print packages: one set of rows gives PDF and data; order, counts, hashes, second person, pull-out, recall."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, IntegrityError, transaction

from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files import layouts
from taxsys.platform.printing import services, store
from taxsys.platform.printing.errors import MissingGlyph, PackageRefused
from taxsys.platform.printing.models import PackageState, PrintItem, PrintPackage
from taxsys.platform.printing.parts import MailKind
from taxsys.platform.printing.pieces import PrintPiece, plan_entry
from tests.printing import samples
from tests.printing.conftest import flat, page_texts

pytestmark = pytest.mark.django_db
DRAWER = TaxNoticeDrawer()


@pytest.fixture(autouse=True)
def _office(settings, tmp_path: Path) -> Iterator[None]:
    settings.TAXSYS_DATA_DIR = tmp_path
    settings.TAXSYS_FONT_CACHE_DIR = Path(django_settings.BASE_DIR) / "var" / "fonts"
    actor = context.AccessContext(
        actor_kind="job",
        actor_id="run-1",
        unit_code="0300",
        terminal="",
        function_id="F-PI-016",
        legal_base="地方税法319条の2",
        purpose="納税通知書の作成",
        request_id="test",
    )
    with clock.at(date(2026, 6, 5)), context.using(actor):
        yield


def piece(number: int, **to: object) -> PrintPiece:
    addressee = replace(
        samples.ADDRESSEE,
        person_no=f"P{number:014d}",
        name=f"架空　{number}子",
        zip7=f"07000{number % 7:02d}",
        address_lines=(f"北海道旭川市見本町{number}番地",),
    )
    addressee = replace(addressee, **to)  # type: ignore[arg-type]
    notice_no = f"R8-10-{number:07d}"
    slips = tuple(samples.slip(i.number, i.yen, notice_no=notice_no) for i in samples.INSTALMENTS)
    paper = samples.tax_notice(addressee=addressee, notice_no=notice_no, taxpayer_name=addressee.name, slips=slips)
    return PrintPiece(
        item_key=f"10:2026:{number}",
        addressee=addressee,
        notice_no=notice_no,
        tax_year=2026,
        paper=paper,
        instalments=paper.instalments,
        cvs44=slips[0].cvs44,
        el_number="-".join(slips[0].el_number),
        qr_payload=slips[0].qr_payload,
    )


def build(pieces: list[PrintPiece], key: str = "resident:2026:initial") -> PrintPackage:
    return services.package_build(
        kind="tax_notice", business_key=key, title_ja="納税通知書", items=pieces, drawer=DRAWER, actor="S0001"
    )


def data_of(package: PrintPackage) -> list[dict]:
    rows = []
    for part in package.parts.filter(batch="bulk").order_by("part_no"):
        content = store.read_checked(part.data_path, part.data_sha256)
        parsed = layouts.get("local_print_vendor").parse(content)
        assert not parsed.errors
        rows += [record.values for record in parsed.records]
    return rows


@pytest.mark.req("R-106")
def test_pdf_and_data_file_come_from_the_same_rows_in_postal_order() -> None:
    package = build([piece(n) for n in (5, 3, 1, 4, 2, 9)])
    rows = data_of(package)
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["zip"] for row in rows] == sorted(row["zip"] for row in rows)
    part = package.parts.get()
    texts = page_texts(store.read_checked(part.pdf_path, part.pdf_sha256))
    assert len(texts) == package.pages == 6 * 4
    for row, item in zip(rows, package.items.order_by("seq"), strict=True):
        front = flat(texts[item.first_page - 1])
        assert row["notice_no"] == item.notice_no
        assert row["notice_no"] in front
        assert flat(row["name"]) in front
        assert flat(row["addr1"]) in front
        assert f"{row['t01']:,}" in front
        lines = json.loads(row["lines_json"])
        assert lines["slips"][0]["cvs44"] == row["cvs1"]
        assert lines["calculation"]["incomes"]["wage_revenue"] == 4_200_000


def test_same_rows_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    build([piece(n) for n in range(1, 6)])
    first = {p.name: p.read_bytes() for p in (tmp_path / "print").rglob("*") if p.is_file()}
    services.package_recall(PrintPackage.objects.get().pk, actor="S0002", reason="再作成")
    other = build([piece(n) for n in (4, 1, 5, 2, 3)])
    part = other.parts.get()
    content = store.read_checked(part.pdf_path, part.pdf_sha256)
    assert content == first["L-PI-05-bulk-001.pdf"]
    assert other.edition == 2


@pytest.mark.req("N-095")
@pytest.mark.parametrize(
    "to",
    [
        {"is_protected": True},
        {"mail_kind": MailKind.OVERSEAS.value, "zip7": "", "address_lines": ("1 Sample Street, Honolulu",)},
        {"mail_kind": MailKind.HOLD_BACK.value},
        {"mail_kind": MailKind.HAND_DELIVERY.value},
        {"address_lines": samples.LONG_ADDRESS[:5]},
        {"name": "架空" * 26},
        {"zip7": ""},
    ],
)
def test_what_the_contractor_must_not_or_cannot_print_stays_in_the_office(tmp_path: Path, to: dict) -> None:
    package = build([piece(1), piece(2, **to), piece(3)])
    assert [row["seq"] for row in data_of(package)] == [1, 2]
    inside = package.parts.get(batch="inhouse")
    assert (inside.pieces, inside.first_seq, inside.data_path) == (1, 1, "")
    held = package.items.get(batch="inhouse")
    assert held.item_key == "10:2026:2"
    for part in package.parts.filter(batch="bulk"):
        content = store.read_checked(part.data_path, part.data_sha256).decode()
        texts = "".join(page_texts(store.read_checked(part.pdf_path, part.pdf_sha256)))
        assert "R8-10-0000002" not in content
        assert "R8-10-0000002" not in texts
        assert "P00000000000002" not in content
    assert package.protected_pieces == int(bool(to.get("is_protected")))


def test_a_part_never_holds_more_pages_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAGES_PER_PART", 10)
    package = build([piece(n) for n in range(1, 8)])
    parts = list(package.parts.order_by("part_no"))
    assert [(p.pieces, p.pages, p.first_seq) for p in parts] == [(2, 8, 1), (2, 8, 3), (2, 8, 5), (1, 4, 7)]
    assert [row["seq"] for row in data_of(package)] == list(range(1, 8))


def test_a_part_written_again_after_a_crash_has_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAGES_PER_PART", 8)
    pieces = {p.item_key: p for p in (piece(n) for n in range(1, 5))}
    package = services.package_open(kind="tax_notice", business_key="k", title_ja="納税通知書", actor="S0001")
    parts = services.package_plan(package.pk, [plan_entry(p, DRAWER) for p in pieces.values()])
    assert services.package_plan(package.pk, []) == parts

    def load(keys):
        return [pieces[key] for key in keys]

    once = services.part_write(package.pk, parts[0], load=load, drawer=DRAWER)
    with pytest.raises(PackageRefused, match="分冊"):
        services.package_close(package.pk)
    again = services.part_write(package.pk, parts[0], load=load, drawer=DRAWER)
    assert (again.pdf_sha256, again.data_sha256) == (once.pdf_sha256, once.data_sha256)
    services.part_write(package.pk, parts[1], load=load, drawer=DRAWER)
    closed = services.package_close(package.pk)
    assert (closed.state, closed.pieces, closed.pages) == ("built", 4, 16)


def test_loader_that_leaves_out_or_adds_a_piece_is_refused() -> None:
    pieces = [piece(n) for n in range(1, 4)]
    package = services.package_open(kind="tax_notice", business_key="k", title_ja="納税通知書", actor="S0001")
    services.package_plan(package.pk, [plan_entry(p, DRAWER) for p in pieces])
    for wrong in (pieces[:2], [*pieces, piece(9)]):
        with pytest.raises(PackageRefused, match="計画と異なる"):
            services.part_write(package.pk, 1, load=lambda _, wrong=wrong: wrong, drawer=DRAWER)


def test_no_pieces_and_doubled_pieces_are_refused() -> None:
    with pytest.raises(PackageRefused, match="1通もありません"), transaction.atomic():
        build([], key="empty")
    with pytest.raises(PackageRefused, match="2通以上"), transaction.atomic():
        build([piece(1), piece(1)], key="double")


def test_a_second_package_of_the_same_key_is_refused_until_recall() -> None:
    package = build([piece(1)])
    with pytest.raises(PackageRefused, match="作成済み"):
        build([piece(1)])
    services.package_recall(package.pk, actor="S0002", reason="税額誤り")
    assert build([piece(1)]).edition == 2


def test_missing_glyph_names_the_person_and_is_found_before_drawing() -> None:
    bad = piece(1, name="𪚥田　一")
    found = services.glyphs_missing([piece(2), bad])
    assert [(e.character, e.owner) for e in found] == [("𪚥", "𪚥田　一")]
    with pytest.raises(MissingGlyph, match="𪚥田　一"):
        build([bad, piece(2)])


def test_release_needs_a_second_person_and_untouched_files() -> None:
    package = build([piece(1), piece(2)])
    with pytest.raises(PackageRefused, match="作成者本人"):
        services.package_release(package.pk, actor="S0001")
    part = package.parts.get()
    path = store.root() / part.pdf_path
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    with pytest.raises(PackageRefused, match="作成時と異なります"):
        services.package_release(package.pk, actor="S0002")
    path.write_bytes(content)
    assert services.package_release(package.pk, actor="S0002").state == PackageState.RELEASED


def test_database_itself_refuses_release_by_the_maker() -> None:
    package = build([piece(1)])
    with pytest.raises(IntegrityError, match="printing_package_second_person"), transaction.atomic():
        PrintPackage.objects.filter(pk=package.pk).update(state="released", released_by="S0001")


@pytest.mark.req("R-107")
def test_handing_over_and_mailing_reconcile_the_counts() -> None:
    package = build([piece(1), piece(2), piece(3, is_protected=True)])
    with pytest.raises(PackageRefused, match="必要な状態"):
        services.package_hand_over(package.pk, to="見本印刷", bulk_pieces=2)
    services.package_release(package.pk, actor="S0002")
    with pytest.raises(PackageRefused, match="一致しません"):
        services.package_hand_over(package.pk, to="見本印刷", bulk_pieces=3)
    services.package_hand_over(package.pk, to="見本印刷", bulk_pieces=2)
    services.item_pull(package.pk, "10:2026:2", actor="S0003", reason="死亡の届出")
    services.item_pull(package.pk, "10:2026:2", actor="S0003", reason="死亡の届出")
    with pytest.raises(PackageRefused, match="作成3通"):
        services.package_mail(package.pk, posted_on=date(2026, 6, 10), mailed_pieces=3)
    mailed = services.package_mail(package.pk, posted_on=date(2026, 6, 10), mailed_pieces=2)
    assert (mailed.state, mailed.posted_on, mailed.pulled_pieces) == ("mailed", date(2026, 6, 10), 1)
    rows = list(csv.DictReader(io.StringIO(services.pull_out_list(mailed).decode())))
    assert [(row["item_key"], row["reason"]) for row in rows] == [("10:2026:2", "死亡の届出")]
    recalled = services.package_recall(package.pk, actor="S0002", reason="税額誤り")
    assert (recalled.state, recalled.posted_on) == ("recalled", date(2026, 6, 10))


def test_pull_and_recall_need_a_reason() -> None:
    package = build([piece(1)])
    with pytest.raises(PackageRefused, match="理由"):
        services.item_pull(package.pk, "10:2026:1", actor="S0003", reason=" ")
    with pytest.raises(PackageRefused, match="理由"):
        services.package_recall(package.pk, actor="S0003", reason="")


def test_built_rows_cannot_be_changed_or_deleted() -> None:
    package = build([piece(1)])
    for change in (
        lambda: PrintItem.objects.filter(package=package).update(notice_no="X"),
        lambda: PrintItem.objects.filter(package=package).delete(),
        lambda: package.parts.update(pdf_sha256="0" * 64),
        lambda: PrintPackage.objects.filter(pk=package.pk).update(content_hash="0" * 64),
        lambda: PrintPackage.objects.filter(pk=package.pk).update(state="planned"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_every_part_leaves_a_print_event_with_its_persons() -> None:
    build([piece(1), piece(2)])
    event = AccessEvent.objects.get(action="print")
    assert (event.count, event.subjects) == (2, ["P00000000000001", "P00000000000002"])


def test_without_an_access_context_nothing_is_printed(tmp_path: Path) -> None:
    package = services.package_open(kind="tax_notice", business_key="k", title_ja="納税通知書", actor="S0001")
    services.package_plan(package.pk, [plan_entry(piece(1), DRAWER)])
    with context.scope():
        context.become(None)  # type: ignore[arg-type]
        with pytest.raises(context.AuditContextMissing), transaction.atomic():
            services.part_write(package.pk, 1, load=lambda _: [piece(1)], drawer=DRAWER)
    assert not package.parts.get().is_written


def test_index_count_sheet_and_manifest_agree_with_the_rows(tmp_path: Path) -> None:
    package = build([piece(1), piece(2), piece(3, is_protected=True)])
    folder = store.root() / store.folder_name(package)
    index = list(csv.DictReader(io.StringIO((folder / "index.csv").read_text())))
    assert [(row["batch"], row["seq"]) for row in index] == [("bulk", "1"), ("bulk", "2"), ("inhouse", "1")]
    assert all(len(row["content_hash"]) == 64 for row in index)
    part = package.parts.get(batch="bulk")
    manifest = json.loads((store.root() / f"{part.data_path}.manifest.json").read_text())
    assert manifest["record_count"] == 2
    assert manifest["amount_sums"]["t01"] == 2 * 27_500
    assert manifest["sha256"] == part.data_sha256
    sheet = flat(page_texts((folder / "count_sheet.pdf").read_bytes())[0])
    assert "合計3通12頁うち支援措置対象（庁内印刷）1通" in sheet
    assert part.pdf_sha256[:16] in sheet


def test_printed_files_are_readable_by_their_owner_only() -> None:
    package = build([piece(1)])
    assert (store.root() / package.parts.get().pdf_path).stat().st_mode & 0o077 == 0
