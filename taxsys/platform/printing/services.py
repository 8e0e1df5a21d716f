"""印刷物の組の作成から発送まで (build, release, hand over, mail and recall print packages). R-106, R-107."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Count, Sum

from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.printing import bulk, datafile, lists, store
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.errors import MissingGlyph, PackageRefused, PrintingError
from taxsys.platform.printing.fonts import FontSet, default_fonts
from taxsys.platform.printing.guards import stops_check
from taxsys.platform.printing.models import (
    Batch,
    PackageState,
    PrintItem,
    PrintPackage,
    PrintPart,
    PrintSubject,
)
from taxsys.platform.printing.pieces import Drawer, PlanEntry, PrintPiece, piece_hash, piece_texts, plan_entry
from taxsys.platform.staff.access import is_same_person

PAGES_PER_PART = 5_000
DATA_LAYOUT = "local_print_vendor"
Loader = Callable[[Sequence[str]], Iterable[PrintPiece]]


@transaction.atomic
def package_open(
    *, kind: str, business_key: str, title_ja: str, actor: str, job_run_id: int | None = None
) -> PrintPackage:
    """組を起こす (start a package; a planned one of the same key is taken up again).

    Raises PackageRefused where a built package of the key exists that was not recalled.
    """
    same = PrintPackage.objects.select_for_update().filter(kind=kind, business_key=business_key)
    live = same.exclude(state=PackageState.RECALLED).first()
    if live is not None:
        if live.state == PackageState.PLANNED:
            return live
        raise PackageRefused(f"{title_ja}（{business_key}）は作成済みです。作り直すときは、先に回収してください。")
    return PrintPackage.objects.create(
        kind=kind, business_key=business_key, edition=same.count() + 1, title_ja=title_ja, built_by=actor,
        job_run_id=job_run_id,
    )  # fmt: skip


@transaction.atomic
def package_replan(package_id: int, entries: Iterable[PlanEntry], *, actor: str, job_run_id: int) -> list[int]:
    """並べ順を決め直す (plan anew for this run: what an abandoned run had planned is dropped); returns part numbers."""
    package = _locked(package_id, PackageState.PLANNED)
    package.subjects.all().delete()
    package.items.all().delete()
    package.parts.all().delete()
    package.built_by, package.job_run_id = actor, job_run_id
    package.save(update_fields=["built_by", "job_run_id"])
    return package_plan(package_id, entries)


@transaction.atomic
def package_plan(package_id: int, entries: Iterable[PlanEntry]) -> list[int]:
    """並べ順と分冊を決める (postal order, sequence without gaps, parts of at most 5,000 pages); returns part numbers.

    Run again on a planned package, it answers the parts already there. Raises PackageRefused on no pieces, on a
    piece of more pages than a part, and on two pieces of one key.
    """
    package = _locked(package_id, PackageState.PLANNED)
    planned = list(package.parts.values_list("part_no", flat=True))
    if planned:
        return planned
    ordered = sorted(entries)
    items, parts = _laid_out(package, ordered)
    if not items:
        raise PackageRefused("印刷する通知が1通もありません。対象の抽出条件を確かめてください。")
    if len({item.item_key for item in items}) != len(items):
        raise PackageRefused("同じ業務キーの通知が2通以上あります。対象の抽出を確かめてください。")
    PrintPart.objects.bulk_create(parts)
    PrintItem.objects.bulk_create(items, batch_size=5_000)
    PrintSubject.objects.bulk_create(
        (
            PrintSubject(package=package, item=item, subject_key=subject.key, reference=subject.reference)
            for item, entry in zip(items, ordered, strict=True)
            for subject in entry.subjects
        ),
        batch_size=5_000,
    )
    return [part.part_no for part in parts]


def _laid_out(package: PrintPackage, entries: Sequence[PlanEntry]) -> tuple[list[PrintItem], list[PrintPart]]:
    items: list[PrintItem] = []
    parts: list[PrintPart] = []
    part: PrintPart | None = None
    seq = 0
    for entry in entries:
        if entry.pages < 1 or entry.pages > PAGES_PER_PART:
            raise PackageRefused(f"通知書番号{entry.notice_no}の頁数（{entry.pages}）が正しくありません。")
        if part is None or part.batch != entry.batch:
            seq = 0
        if part is None or part.batch != entry.batch or part.pages + entry.pages > PAGES_PER_PART:
            part = PrintPart(
                package=package, part_no=len(parts) + 1, batch=entry.batch, first_seq=seq + 1, pieces=0, pages=0
            )
            parts.append(part)
        seq += 1
        items.append(
            PrintItem(
                package=package,
                part_no=part.part_no,
                batch=entry.batch,
                seq=seq,
                item_key=entry.item_key,
                person_no=entry.person_no,
                notice_no=entry.notice_no,
                mail_kind=entry.mail_kind,
                is_protected=entry.is_protected,
                addressee_key=entry.addressee_key,
                pages=entry.pages,
                amount_yen=entry.amount_yen,
                first_page=part.pages + 1,
            )
        )
        part.pieces += 1
        part.pages += entry.pages
    return items, parts


@transaction.atomic
def part_write(
    package_id: int, part_no: int, *, load: Loader, drawer: Drawer, data_layout: str = DATA_LAYOUT
) -> PrintPart:
    """分冊を作る (write the PDF and the data file of one part; run again, it writes the same bytes).

    `load` answers the pieces of the given keys in any order. Raises MissingGlyph (with the person's name),
    TextDoesNotFit, PackageRefused where the pieces differ from the plan.
    """
    package = PrintPackage.objects.get(pk=package_id)
    part = PrintPart.objects.select_for_update().get(package_id=package_id, part_no=part_no)
    if package.state != PackageState.PLANNED:
        raise PackageRefused("作成済みの組の分冊は書き直せません。")
    items = list(PrintItem.objects.filter(package_id=package_id, part_no=part_no).order_by("seq"))
    pieces = {piece.item_key: piece for piece in load([item.item_key for item in items])}
    missing = [item.item_key for item in items if item.item_key not in pieces]
    if missing or len(pieces) != len(items):
        raise PackageRefused(f"計画と異なる通知が渡されました（不足{len(missing)}件）。組を作り直してください。")
    name = f"{store.folder_name(package)}/{drawer.form_id}-{part.batch}-{part.part_no:03d}"
    ordered = [pieces[item.item_key] for item in items]
    part.pdf_path = f"{name}.pdf"
    part.pdf_sha256 = store.write(part.pdf_path, _drawn(package, items, ordered, drawer))
    if part.batch == Batch.BULK:
        batch_no = store.batch_no(package, part_no)
        records = [
            datafile.vendor_record(piece, drawer=drawer, batch_no=batch_no, seq=item.seq, first_page=item.first_page)
            for item, piece in zip(items, ordered, strict=True)
        ]
        content = datafile.write_data(data_layout, records)
        part.data_path = f"{name}.csv"
        part.data_sha256 = store.write(part.data_path, content)
        manifest = datafile.manifest(
            name=part.data_path.rsplit("/", 1)[1],
            layout_name=data_layout,
            content=content,
            records=records,
            on=clock.today(),
        )
        store.write(f"{part.data_path}.manifest.json", manifest)
    bulk.item_hashes_set([item.pk for item in items], [piece_hash(piece) for piece in ordered])
    part.is_written = True
    part.save(update_fields=["pdf_path", "pdf_sha256", "data_path", "data_sha256", "is_written"])
    keys = PrintSubject.objects.filter(item__package_id=package_id, item__part_no=part_no)
    access_record(
        action="print",
        subjects=sorted(set(keys.values_list("subject_key", flat=True)) or {item.person_no for item in items}),
        record_type="printing.printpart",
        record_id=f"{package.kind}:{package.business_key}:{part_no}",
        count=len(items),
    )
    return part


def _drawn(package: PrintPackage, items: Sequence[PrintItem], pieces: Sequence[PrintPiece], drawer: Drawer) -> bytes:
    book = Book(title=f"{drawer.title_ja} {package.business_key}")
    for item, piece in zip(items, pieces, strict=True):
        book.owner(piece.addressee.name)
        before = book.page_count
        try:
            drawer.draw(book, piece.paper)
        except PrintingError as error:
            error.item_key = item.item_key
            raise
        if book.page_count - before != item.pages or before + 1 != item.first_page:
            raise PackageRefused(f"通知書番号{item.notice_no}の頁数が計画と異なります。組を作り直してください。")
    return book.finish()


@transaction.atomic
def package_close(package_id: int, *, form_id: str = "") -> PrintPackage:
    """組を閉じる (check counts, sequence and hashes; write index and count sheet; the package is built).

    Raises PackageRefused where a part is missing, a file changed or a number is left out.
    """
    package = _locked(package_id, PackageState.PLANNED)
    parts = list(package.parts.order_by("part_no"))
    if not parts or not all(part.is_written for part in parts):
        raise PackageRefused("まだ作成されていない分冊があります。すべての分冊を作成してから閉じてください。")
    sequence_prove(package, parts)
    for part in parts:
        store.read_checked(part.pdf_path, part.pdf_sha256)
        if part.data_path:
            store.read_checked(part.data_path, part.data_sha256)
    package.pieces = sum(part.pieces for part in parts)
    package.pages = sum(part.pages for part in parts)
    package.protected_pieces = package.items.filter(is_protected=True).count()
    package.form_id = form_id
    items = package.items.order_by("batch", "seq")
    folder = store.folder_name(package)
    index_hash = store.write(f"{folder}/index.csv", lists.index_csv(items.iterator(chunk_size=5_000)))
    _count_sheet(package, parts)
    body = "\n".join([index_hash, *(f"{part.part_no}:{part.pdf_sha256}:{part.data_sha256}" for part in parts)])
    package.content_hash = hashlib.sha256(body.encode()).hexdigest()
    package.state = PackageState.BUILT
    package.built_at = clock.now()
    package.save()
    return package


def sequence_prove(package: PrintPackage, parts: Sequence[PrintPart]) -> None:
    """連番の証明 (numbers 1..n without a gap in each batch, piece counts of parts = rows). Raises PackageRefused."""
    counts = dict(package.items.values_list("part_no").annotate(n=Count("id")).order_by("part_no"))
    pages = dict(package.items.values_list("part_no").annotate(n=Sum("pages")).order_by("part_no"))
    expected: dict[str, int] = {}
    for part in parts:
        if part.first_seq != expected.get(part.batch, 0) + 1:
            raise PackageRefused(f"連番に欠番があります（分冊{part.part_no}）。組を作り直してください。")
        if counts.get(part.part_no) != part.pieces or pages.get(part.part_no) != part.pages:
            raise PackageRefused(f"分冊{part.part_no}の通数又は頁数が合いません。組を作り直してください。")
        expected[part.batch] = part.first_seq + part.pieces - 1
    for batch, last in expected.items():
        numbers = package.items.filter(batch=batch).values("seq").distinct().count()
        if numbers != last:
            raise PackageRefused("連番に欠番又は重複があります。組を作り直してください。")


def _count_sheet(package: PrintPackage, parts: Sequence[PrintPart]) -> None:
    rows = lists.count_rows(parts)
    mail = dict(package.items.values_list("mail_kind").annotate(n=Count("id")).order_by("mail_kind"))
    folder = store.folder_name(package)
    on = wareki.format_long(clock.today())
    store.write(f"{folder}/count_sheet.csv", lists.csv_bytes(lists.COUNT_HEADER, rows))
    store.write(f"{folder}/count_sheet.pdf", lists.count_sheet_pdf(package, rows, mail_counts=mail, prepared_on=on))


def package_build(
    *,
    kind: str,
    business_key: str,
    title_ja: str,
    items: Iterable[PrintPiece],
    drawer: Drawer,
    actor: str,
) -> PrintPackage:
    """一組を一度に作る (open, plan, write every part, close). Jobs call the four steps themselves, part by part."""
    pieces = {piece.item_key: piece for piece in _unique(items)}
    package = package_open(kind=kind, business_key=business_key, title_ja=title_ja, actor=actor)
    parts = package_plan(package.pk, (plan_entry(piece, drawer) for piece in pieces.values()))
    for part_no in parts:
        part_write(package.pk, part_no, load=lambda keys: [pieces[key] for key in keys], drawer=drawer)
    return package_close(package.pk, form_id=drawer.form_id)


def _unique(items: Iterable[PrintPiece]) -> list[PrintPiece]:
    pieces = list(items)
    if len({piece.item_key for piece in pieces}) != len(pieces):
        raise PackageRefused("同じ業務キーの通知が2通以上あります。対象の抽出を確かめてください。")
    return pieces


def glyphs_missing(pieces: Iterable[PrintPiece], *, fonts: dict[str, FontSet] | None = None) -> list[MissingGlyph]:
    """印字できない文字の事前確認 (every text of a piece with a character that no font has, before drawing)."""
    regular = (fonts or default_fonts())["regular"]
    found = []
    for piece in pieces:
        texts = piece_texts(piece)
        if set().union(*texts) <= regular.body.advance.keys():
            continue
        characters = dict.fromkeys(character for text in texts for character in regular.missing(text))
        found += [MissingGlyph(one, piece.addressee.name, item_key=piece.item_key) for one in characters]
    return found


def _locked(package_id: int, *states: str) -> PrintPackage:
    package = PrintPackage.objects.select_for_update().get(pk=package_id)
    if package.state not in states:
        wanted = "・".join(PackageState(state).label for state in states)
        raise PackageRefused(
            f"この組は「{PackageState(package.state).label}」のため処理できません（必要な状態：{wanted}）。"
        )
    return package


@transaction.atomic
def item_pull(package_id: int, item_key: str, *, actor: str, reason: str) -> PrintItem:
    """引抜き (take one piece out before posting; the number stays, the piece is on the pull-out list). F-DC-008.

    Raises PackageRefused without a reason or after posting. Pulling twice changes nothing.
    """
    package = _locked(package_id, PackageState.BUILT, PackageState.RELEASED, PackageState.HANDED_OVER)
    if not reason.strip():
        raise PackageRefused("引抜きの理由を入力してください。")
    item = package.items.select_for_update().filter(item_key=item_key).first()
    if item is None:
        raise PackageRefused(f"この組に業務キー{item_key}の通知はありません。")
    if item.pulled_by:
        return item
    item.pulled_by, item.pulled_at, item.pull_reason = actor, clock.now(), reason.strip()
    item.save(update_fields=["pulled_by", "pulled_at", "pull_reason"])
    package.pulled_pieces += 1
    package.save(update_fields=["pulled_pieces"])
    access_record(
        action="update", subjects=[item.person_no], record_type="printing.printitem", record_id=item_key, reason=reason
    )
    return item


def pull_out_list(package: PrintPackage) -> bytes:
    """引抜きリスト (CSV of the pulled pieces in sequence)."""
    return lists.pull_out_csv(package.items.exclude(pulled_by="").order_by("batch", "seq"))


@transaction.atomic
def package_release(package_id: int, *, actor: str) -> PrintPackage:
    """発送承認 (a second person lets the package go; files are compared with their hashes first)."""
    package = _locked(package_id, PackageState.BUILT)
    if is_same_person(actor, package.built_by):
        raise PackageRefused("作成者本人は発送を承認できません。別の職員が承認してください。")
    stops_check(package)
    for part in package.parts.all():
        store.read_checked(part.pdf_path, part.pdf_sha256)
        if part.data_path:
            store.read_checked(part.data_path, part.data_sha256)
    package.state, package.released_by, package.released_at = PackageState.RELEASED, actor, clock.now()
    package.save(update_fields=["state", "released_by", "released_at"])
    access_record(action="update", record_type="printing.printpackage", record_id=str(package.pk), reason="発送承認")
    return package


@transaction.atomic
def package_hand_over(package_id: int, *, to: str, bulk_pieces: int) -> PrintPackage:
    """委託先へ引渡し (hand over the bulk batch; the counted pieces must equal the count sheet)."""
    package = _locked(package_id, PackageState.RELEASED)
    stops_check(package)
    expected = package.items.filter(batch=Batch.BULK).count()
    if bulk_pieces != expected:
        raise PackageRefused(f"引渡しの通数（{bulk_pieces}）が件数表（{expected}）と一致しません。数え直してください。")
    package.state, package.handed_over_at, package.handed_over_to = PackageState.HANDED_OVER, clock.now(), to
    package.save(update_fields=["state", "handed_over_at", "handed_over_to"])
    access_record(action="export", record_type="printing.printpackage", record_id=str(package.pk), count=bulk_pieces)
    return package


@transaction.atomic
def package_mail(package_id: int, *, posted_on: date, mailed_pieces: int, accident_pieces: int = 0) -> PrintPackage:
    """発送の記録 (posting date; made = mailed + pulled + accidents, else refused). R-107."""
    package = _locked(package_id, PackageState.RELEASED, PackageState.HANDED_OVER)
    stops_check(package)
    if mailed_pieces + accident_pieces + package.pulled_pieces != package.pieces:
        raise PackageRefused(
            f"作成{package.pieces}通＝発送{mailed_pieces}＋引抜き{package.pulled_pieces}＋事故{accident_pieces}"
            "になりません。実績を確かめてください。"
        )
    package.state, package.posted_on = PackageState.MAILED, posted_on
    package.mailed_pieces, package.accident_pieces = mailed_pieces, accident_pieces
    package.save(update_fields=["state", "posted_on", "mailed_pieces", "accident_pieces"])
    access_record(action="update", record_type="printing.printpackage", record_id=str(package.pk), reason="発送")
    return package


@transaction.atomic
def package_recall(package_id: int, *, actor: str, reason: str) -> PrintPackage:
    """回収 (recall before or after posting; the posting date stays on record, a new edition may be made)."""
    states = [state for state in PackageState.values if state != PackageState.RECALLED]
    package = _locked(package_id, *states)
    if not reason.strip():
        raise PackageRefused("回収の理由を入力してください。")
    package.state, package.recalled_at = PackageState.RECALLED, clock.now()
    package.recalled_by, package.recall_reason = actor, reason.strip()
    package.save(update_fields=["state", "recalled_at", "recalled_by", "recall_reason"])
    access_record(action="update", record_type="printing.printpackage", record_id=str(package.pk), reason="回収")
    return package
