"""印刷バッチの組み立て: the one place that makes a print package of rows as a declared job (R-106, F-DC-001, F-DC-002).

A duty says what is printed (`PrintWork`): which pieces, how they are loaded set-based, the form, its own checks. The
stages are the same for every paper: look at every piece, put them in postal order and cut parts, write each part as one
chunk, close, prove, let a second person release. docs/printing.md shows a declaration.

The files of a part lie outside the database, yet a killed worker leaves nothing half done: a part is written whole,
under a name and with bytes that follow from its rows alone, and its row names it only when the chunk commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Done, GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import ChunkState, JobChunk, JobRun, WorkItem, WorkItemState
from taxsys.platform.printing import checks, services
from taxsys.platform.printing.errors import PrintingError
from taxsys.platform.printing.guards import stops_refusal
from taxsys.platform.printing.models import PackageState, PrintPackage
from taxsys.platform.printing.pieces import Drawer, PrintPiece, plan_entry
from taxsys.platform.staff.catalogue import Permission

GLYPH_KIND = "printing.glyph"
Keys = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintWork:
    """何を印刷するか (what one print job prints).

    `item_keys` answers the business keys of the pieces in a fixed order, `load` the pieces of some of them in a fixed
    number of queries; same rows, same pieces. `business_key` is made of business facts, never of row numbers: names and
    batch numbers of the files follow from it. `title_ja` is the package's title. `checks` are the duty's own gates over
    the closed package, `on_release` its own act when the package is let go (None: there was
    nothing to print).
    """

    kind: str
    drawer: Drawer
    title_ja: Callable[[JobContext], str]
    business_key: Callable[[JobContext], str]
    item_keys: Callable[[JobContext], Keys]
    load: Callable[[JobContext, Keys], Iterable[PrintPiece]]
    checks: tuple[Callable[[JobContext, PrintPackage], Iterable[GateResult]], ...] = ()
    on_release: Callable[[JobContext, PrintPackage | None], None] | None = None
    chunk_pieces: int = 500

    def package(self, ctx: JobContext) -> PrintPackage | None:
        """この実行の組 (the live package that this run has made; None where there was nothing to print)."""
        live = PrintPackage.objects.exclude(state=PackageState.RECALLED)
        return live.filter(kind=self.kind, business_key=self.business_key(ctx), job_run_id=ctx.run.pk).first()

    def pieces(self, ctx: JobContext, keys: Keys) -> Iterator[PrintPiece]:
        """通知を順に読む (the pieces of the keys, chunk by chunk)."""
        for at in range(0, len(keys), self.chunk_pieces):
            yield from self.load(ctx, keys[at : at + self.chunk_pieces])


def print_job(
    work: PrintWork,
    *,
    id: str,
    name_ja: str,
    app: str,
    scope: str,
    params: tuple[Param, ...],
    permission: Permission | str,
    release_permission: Permission | str,
    requires: tuple[Done, ...] = (),
    legal_base: str = "",
    description_ja: str = "",
) -> Job:
    """印刷バッチの宣言 (the Job of a PrintWork): the runner resumes it, and only a second person releases it."""

    def gates(ctx: JobContext) -> Iterable[GateResult]:
        package = work.package(ctx)
        if package is None:
            return
        yield from checks.package_checks(package, expected=work.item_keys(ctx))
        inhouse = list(package.items.filter(batch="inhouse").order_by("seq").values_list("item_key", flat=True))
        yield checks.stops_gate(package)
        yield checks.codes_check(package, inhouse=work.pieces(ctx, inhouse))
        for check in work.checks:
            yield from check(ctx, package)

    def released(ctx: JobContext) -> None:
        package = work.package(ctx)
        if package is None and PrintPackage.objects.filter(job_run_id=ctx.run.pk).exists():
            raise JobRefused("J-PACKAGE", "この実行の組は回収されています。作り直した組を承認してください。")
        if package is not None:
            package = services.package_release(package.pk, actor=ctx.run.released_by)
        if work.on_release is not None:
            work.on_release(ctx, package)

    return Job(
        id=id,
        name_ja=name_ja,
        app=app,
        scope=scope,
        params=params,
        stages=(
            Stage("通知内容の確認", _look_plan(work), _look_step(work), split=_halves),
            Stage("並べ順の決定と分冊の作成", _parts_plan(work), _part_step(work), must_succeed=True),
        ),
        finish=lambda ctx: _closed(ctx, work),
        gates=(gates,),
        release=Release(release_permission, on_release=released, refuse=_stopped),
        permission=permission,
        requires=requires,
        legal_base=legal_base,
        description_ja=description_ja,
        recovery_ja="途中で止まったときは再開してください。作成済の分冊は作り直されません。印字できない文字があるときは、"
        "要処理一覧の文字を持つフォントを導入してから再開してください。",
    )


def _stopped(run: JobRun) -> str:
    """Why the package may not go today: a measure registered after the composing stops its piece (N-090, N-095)."""
    live = PrintPackage.objects.filter(job_run_id=run.pk).exclude(state=PackageState.RECALLED)
    return "".join(stops_refusal(package) for package in live)


def _look_plan(work: PrintWork) -> Callable[[JobContext], Iterable[Payload]]:
    def plan(ctx: JobContext) -> Iterable[Payload]:
        keys = list(work.item_keys(ctx))
        ctx.log(f"通知 {len(keys):,}通" if keys else "新しく通知するものはありません。")
        return [{"keys": keys[at : at + work.chunk_pieces]} for at in range(0, len(keys), work.chunk_pieces)]

    return plan


def _look_step(work: PrintWork) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    """Every piece is built once before any is drawn: figures that disagree and characters without glyph show here."""

    def step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
        pieces = list(work.load(ctx, payload["keys"]))
        found = services.glyphs_missing(pieces)
        for missing in found:
            ctx.work(GLYPH_KIND, subject_key=missing.item_key, code=missing.code, message_ja=missing.message_ja)
        return {
            "通": len(pieces),
            "通知額": sum(piece.amount_yen for piece in pieces),
            "支援措置対象": sum(piece.addressee.is_protected for piece in pieces),
            "印字できない文字": len(found),
        }

    return step


def _halves(payload: Payload) -> list[Payload]:
    """Halve a failing range until the one piece stands alone."""
    keys = payload["keys"]
    half = len(keys) // 2
    return [{"keys": keys[:half]}, {"keys": keys[half:]}] if half else []


def _parts_plan(work: PrintWork) -> Callable[[JobContext], Iterable[Payload]]:
    def plan(ctx: JobContext) -> Iterable[Payload]:
        _refuse_unready(ctx, work)
        keys = list(work.item_keys(ctx))
        if not keys:
            return []
        package = services.package_open(
            kind=work.kind,
            business_key=work.business_key(ctx),
            title_ja=work.title_ja(ctx),
            actor=ctx.run.requested_by,
            job_run_id=ctx.run.pk,
        )
        entries = (plan_entry(piece, work.drawer) for piece in work.pieces(ctx, keys))
        parts = services.package_replan(package.pk, entries, actor=ctx.run.requested_by, job_run_id=ctx.run.pk)
        return [{"part": part_no} for part_no in parts]

    return plan


def _refuse_unready(ctx: JobContext, work: PrintWork) -> None:
    """Nothing is laid out while a piece was set aside or a character has no glyph; what was mended meanwhile counts."""
    set_aside = JobChunk.objects.filter(run=ctx.run, state=ChunkState.FAILED).count()
    if set_aside:
        raise JobRefused(
            "J-PIECES", f"内容の誤りで隔離した通知が{set_aside}通あります。要処理一覧を処理してから再実行してください。"
        )
    open_items = WorkItem.objects.filter(run=ctx.run, kind=GLYPH_KIND, state=WorkItemState.OPEN)
    keys = sorted(set(open_items.values_list("subject_key", flat=True)))
    if not keys:
        return
    bad = {missing.item_key for missing in services.glyphs_missing(work.pieces(ctx, keys))}
    if bad:
        raise JobRefused(
            "J-GLYPH",
            f"印字できない文字のある通知が{len(bad)}通あります。要処理一覧で氏名と文字を確かめ、フォントを導入して"
            "再開してください。",
        )
    open_items.update(state=WorkItemState.DONE)


def _part_step(work: PrintWork) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    def step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
        package = work.package(ctx)
        if package is None:
            raise JobRefused("J-PACKAGE", "この実行の組は回収されています。この実行を破棄して、作り直してください。")
        try:
            part = services.part_write(
                package.pk,
                int(payload["part"]),
                load=lambda keys: work.load(ctx, keys),
                drawer=work.drawer,
            )
        except PrintingError as error:
            if not error.item_key:
                raise
            # The message may carry a name and must not reach the operator's log: the key leads the desk to the piece.
            raise JobRefused(
                error.code, f"{error.item_key} の通知を印字できません。プレビューで確かめてください。"
            ) from error
        return {"作成した通": part.pieces, "頁": part.pages}

    return step


def _closed(ctx: JobContext, work: PrintWork) -> None:
    package = work.package(ctx)
    if package is None:
        return
    if package.state == PackageState.PLANNED:
        package = services.package_close(package.pk, form_id=work.drawer.form_id)
    ctx.log(
        f"組を閉じました: {package.pieces:,}通 {package.pages:,}頁、うち支援措置対象 {package.protected_pieces:,}通"
    )
