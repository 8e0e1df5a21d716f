"""消去の処理: dry-run lists, the proposal with its two approvals, carrying it out by the database's functions."""

from typing import Any

from django.db import DatabaseError, connection, transaction

from taxsys.platform import clock
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import storage
from taxsys.platform.retention.declarations import classes, declared
from taxsys.platform.retention.errors import ErasureRefused, ListNotOpen, NothingPlanned, SamePerson
from taxsys.platform.retention.models import ENDED, DoomedFile, ErasureChunk, ErasureList, ListState
from taxsys.platform.staff.models import Staff

KIND_FIRST, KIND_SECOND = "retention.erase_first", "retention.erase_second"
LABELS = {
    "family": "消去単位",
    "class": "保管区分",
    "law": "根拠",
    "months": "保管期間（月）",
    "start": "起算日",
    "planned": "消去する件数",
    "stopped": "停止した件数",
    "keys": "キーの範囲",
    "keys_hash": "キーのハッシュ",
    "list": "消去候補の番号",
}


def _call(function: str, *values: Any) -> Any:
    """A function of schema `erasure`. Raises ErasureRefused with the database's own words."""
    places = ", ".join(["%s"] * len(values))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT erasure.{function}({places})", list(values))
            return cursor.fetchone()[0]
    except DatabaseError as error:
        told = getattr(getattr(error.__cause__, "diag", None), "message_primary", "") or ""
        if getattr(error.__cause__, "sqlstate", "") in {"23001", "23503"}:
            raise ErasureRefused(f"データベースが消去を拒みました（{told}）。何も消去されていません。") from error
        raise


@transaction.atomic
def list_make(family_code: str, *, run_key: str) -> ErasureList | None:
    """消去候補を抽出する: what is due today of a family. None where a list is on its way, or nothing is due.

    A list that nobody proposed is replaced. Again within the same run answers the same list.
    """
    family = declared().families[family_code]
    done = ErasureList.objects.filter(family=family_code, run_key=run_key).first()
    if done is not None:
        return None if done.state == ListState.DROPPED else done
    live = ErasureList.objects.select_for_update().filter(family=family_code).exclude(state__in=ENDED).first()
    if live is not None:
        if live.state != ListState.OPEN:
            return None
        _move(live, ListState.DROPPED)
    made = ErasureList.objects.create(
        family=family_code,
        class_code=family.class_code,
        months=_call("months", family.class_code),
        law_ja="、".join(classes()[family.class_code].parameter.law),
        run_key=run_key,
    )
    _call("fill", made.pk)
    made.refresh_from_db()
    access_record(action="create", record_type="erasure_list", record_id=str(made.pk), count=made.planned)
    if made.planned == 0 and made.stopped == 0:
        _move(made, ListState.DROPPED)
        return None
    return made


def _move(target: ErasureList, state: ListState, **fields: Any) -> None:
    target.state = state
    for name, value in fields.items():
        setattr(target, name, value)
    target.save(update_fields=("state", *fields))


def content_of(target: ErasureList) -> dict[str, Any]:
    """What is approved: everything that tells this list from another; no person is in it."""
    family = declared().families[target.family]
    return {
        "list": target.pk,
        "family": family.title_ja,
        "class": classes()[target.class_code].title_ja,
        "law": target.law_ja,
        "months": target.months,
        "start": f"{target.oldest_start_on}から{target.newest_start_on}まで",
        "planned": target.planned,
        "stopped": target.stopped,
        "keys": f"{target.first_key}〜{target.last_key}",
        "keys_hash": target.keys_hash,
    }


@transaction.atomic
def list_propose(list_id: int, *, actor: Staff) -> ErasureList:
    """消去を起案する. Raises ListNotOpen, NothingPlanned."""
    target = ErasureList.objects.select_for_update().get(pk=list_id)
    if target.state != ListState.OPEN:
        raise ListNotOpen
    if target.planned == 0:
        raise NothingPlanned
    _move(target, ListState.PROPOSED, proposed_by=actor)
    _propose(target, KIND_FIRST, "一次", actor)
    access_record(action="update", record_type="erasure_list", record_id=str(target.pk), reason="proposed")
    return target


def _propose(target: ErasureList, kind: str, step_ja: str, actor: Staff) -> None:
    approval_propose(
        kind=kind,
        subject_key=f"erasure:{target.pk}",
        title_ja=f"消去（{step_ja}）：{declared().families[target.family].title_ja} {target.planned:,}件",
        content=content_of(target),
        actor=actor,
    )


def _list_of(approval: Any) -> ErasureList:
    return ErasureList.objects.select_for_update().get(pk=approval.content["list"])


def first_approved(approval: Any) -> None:
    """一次決裁: the same content goes to a second one, proposed by who gave the first."""
    target = _list_of(approval)
    if target.state != ListState.PROPOSED:
        raise ListNotOpen
    _refuse_proposer(target, approval)
    _move(target, ListState.FIRST, first_approval_id=approval.pk)
    _propose(target, KIND_SECOND, "二次", approval.decided_by)


def second_approved(approval: Any) -> None:
    """二次決裁: by a third person; from now on the list may be carried out."""
    target = _list_of(approval)
    if target.state != ListState.FIRST:
        raise ListNotOpen
    _refuse_proposer(target, approval)
    _move(target, ListState.APPROVED, second_approval_id=approval.pk)


def list_moved(approval: Any) -> str:
    """Why a proposal no longer stands: its list is not where this approval expects it."""
    target = ErasureList.objects.get(pk=approval.content["list"])
    expected = ListState.PROPOSED if approval.kind == KIND_FIRST else ListState.FIRST
    same = target.state == expected and target.keys_hash == approval.content["keys_hash"]
    return "" if same else "消去候補の状態または内容が変わりました。"


def proposer_of(approval: Any) -> frozenset[str]:
    """The person who proposed the erasure: the second approval is not for that person either."""
    target = ErasureList.objects.select_related("proposed_by").get(pk=approval.content["list"])
    return frozenset({target.proposed_by.person_key} if target.proposed_by else ())


def _refuse_proposer(target: ErasureList, approval: Any) -> None:
    if target.proposed_by is None or target.proposed_by.person_key == approval.decided_by.person_key:
        raise SamePerson


def approval_failed(approval: Any) -> None:
    """差戻し・否認・取下げ: the list is a candidate again; both approvals must be given anew."""
    target = _list_of(approval)
    if target.state in {ListState.PROPOSED, ListState.FIRST}:
        _move(target, ListState.OPEN, first_approval_id=None)


@transaction.atomic
def erasure_begin(list_id: int) -> int:
    """消去を始める: stops are asked once more; how many items remain. Raises ErasureRefused."""
    remaining: int = _call("begin", list_id)
    access_record(action="delete", record_type="erasure_list", record_id=str(list_id), reason="begun", count=remaining)
    return remaining


@transaction.atomic
def erasure_chunk(list_id: int, *, from_no: int, to_no: int) -> dict[str, int]:
    """一区切りを消去する: rows by table. The same range again changes nothing. Raises ErasureRefused."""
    counts = _call("chunk", list_id, from_no, to_no)
    found: dict[str, int] = counts if isinstance(counts, dict) else {}
    roots = ErasureChunk.objects.get(list_id=list_id, from_no=from_no).roots
    access_record(action="delete", record_type="erasure_list", record_id=str(list_id), reason="erased", count=roots)
    return found


@transaction.atomic
def files_remove(ids: list[int]) -> int:
    """消去したものの元のファイルを消す; files that are gone already count too. Answers how many."""
    files = DoomedFile.objects.select_for_update().filter(pk__in=ids, removed_at__isnull=True)
    for doomed in files:
        storage.remove(doomed.path)
        doomed.removed_at = clock.now()
        doomed.save(update_fields=("removed_at",))
    return len(files)


def erasure_finish(list_id: int) -> None:
    """消去を終える: the database forgets the keys. Raises ErasureRefused while something is left."""
    _call("finish", list_id)
