"""受領ファイルの取込 (taking in a received file): checked whole, cut into line ranges, marked at the end.

Every intake job is made of these parts (formats §0.5): the file's own controls are looked at before any data; a
refused file goes to quarantine with its reason and nothing is applied; a range that fails is halved until the one bad
line stands alone; the file counts as fully applied only when every line was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_applied, file_parse, file_refuse
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Counts, Job, Param, Payload
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import ChunkState

FILE = Param("file", "str", name_ja="受領ファイル")
Opener = Callable[[ReceivedFile], int]
LinesImporter = Callable[[ReceivedFile, int, int], Counts]


def received_file(ctx: JobContext, *formats: str) -> ReceivedFile:
    """The file of the run. Raises JobRefused J-PARAM when there is none or it is of another format."""
    received = ReceivedFile.objects.filter(pk=str(ctx.params["file"])).first()
    if received is None:
        raise JobRefused("J-PARAM", "受領ファイルが見つかりません。番号を確かめてください。")
    if received.format not in formats:
        raise JobRefused("J-PARAM", f"このバッチは{'・'.join(formats)}のファイル用です(指定は{received.format})。")
    return received


def file_open(received: ReceivedFile) -> int:
    """Check and stage a file of one layout; the number of good lines. Raises FileRefused when its controls fail."""
    return len(file_parse(received).records)


def lines_plan(
    *formats: str, size: int | None, opener: Opener = file_open
) -> Callable[[JobContext], Iterable[Payload]]:
    """A plan of line ranges {start, stop} of at most `size` lines; None keeps the file in one piece."""

    def plan(ctx: JobContext) -> Iterable[Payload]:
        received = received_file(ctx, *formats)
        try:
            lines = opener(received)
        except FileRefused as refusal:
            file_refuse(received, refusal)
            ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)
            return []
        ctx.log(f"{received.name}: {lines:,}件、行エラー{received.error_count:,}件")
        step = size or max(lines, 1)
        return [{"start": start, "stop": min(start + step, lines)} for start in range(0, lines, step)]

    plan.formats = formats  # type: ignore[attr-defined]  # read by `jobs_taking`
    return plan


def jobs_taking(format_name: str) -> list[Job]:
    """The declared jobs that take in files of this layout, by id."""
    return [
        job
        for job in registry.all_jobs()
        if format_name in getattr(job.stages[0].plan, "formats", ()) and [p.name for p in job.params] == [FILE.name]
    ]


def formats_taken() -> list[str]:
    """Every layout for which a job is declared."""
    found = {name for job in registry.all_jobs() for name in getattr(job.stages[0].plan, "formats", ())}
    return sorted(found)


def lines_step(importer: LinesImporter, *formats: str) -> Callable[[JobContext, Payload], Counts]:
    """A step that hands one line range of the file to `importer`."""

    def step(ctx: JobContext, payload: Payload) -> Counts:
        return importer(received_file(ctx, *formats), int(payload["start"]), int(payload["stop"])) or {}

    return step


def lines_split(payload: Mapping[str, int]) -> Sequence[Payload]:
    """The two halves of a failing range; a single line cannot be cut further."""
    start, stop = int(payload["start"]), int(payload["stop"])
    middle = (start + stop) // 2
    return [] if stop - start < 2 else [{"start": start, "stop": middle}, {"start": middle, "stop": stop}]


def intake_finish(ctx: JobContext) -> None:
    """Mark the file applied, or partly applied when lines were set aside or ranges failed."""
    received = ReceivedFile.objects.get(pk=str(ctx.params["file"]))
    if received.state not in {ReceivedFile.State.STAGED, ReceivedFile.State.PARTLY_APPLIED}:
        return
    failed = ctx.run.chunks.filter(state=ChunkState.FAILED).exists()
    file_applied(received, complete=received.error_count == 0 and not failed)
