"""外部媒体への出力 (R-229): a month of seals with their events, the signed heads, and the verifier, in one folder."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils import timezone

from taxsys.platform.audit.lines import NAMES, lines_between
from taxsys.platform.audit.models import Seal, SignedHead
from taxsys.platform.audit.sealing import facts_of, stamp
from taxsys.platform.audit.services import access_record
from taxsys.platform.audit.signing import signer

VERIFIER = Path(__file__).with_name("verify_audit.py")


class NothingSealed(Exception):
    """No seal was made in the time asked for."""

    message_ja = "この期間に作られた封印はありません。期間を確かめてください。"


def export(folder: Path, *, first: date, last: date) -> int:
    """Write the seals made from `first` to `last` (both included) to an empty or new folder; the number of events.

    The same seals give the same bytes. The act is an event itself. Raises NothingSealed, FileExistsError.
    """
    seals = list(Seal.objects.filter(sealed_at__gte=_midnight(first), sealed_at__lt=_midnight(_next(last))))
    if not seals:
        raise NothingSealed
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    count = _write(folder / "events.tsv", (line for seal in seals for line in _lines(seal)))
    _write(folder / "seals.jsonl", (_json(_seal_row(seal)) for seal in seals))
    key = signer()
    heads = SignedHead.objects.filter(seq__gte=seals[0].seq, seq__lte=seals[-1].seq).order_by("day")
    _write(folder / "heads.jsonl", (_json(_head_row(head, key.public)) for head in heads))
    (folder / VERIFIER.name).write_bytes(VERIFIER.read_bytes())
    names = ("events.tsv", "seals.jsonl", "heads.jsonl", VERIFIER.name)
    files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}
    stated = {"columns": list(NAMES), "events": count, "seals": len(seals), "files": files, "key_id": key.key_id}
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True, indent=1)
    (folder / "manifest.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "manifest.sig").write_bytes(key.sign(text.encode()))
    access_record(action="export", record_type="access_event", record_id=f"{seals[0].seq}-{seals[-1].seq}", count=count)
    return count


def _lines(seal: Seal) -> Iterable[bytes]:
    # The range of the first seal of an epoch begins at 0: events planted below it would show as a wrong count.
    return lines_between(seal.epoch, seal.from_xid, seal.to_xid)


def _write(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb") as handle:
        for line in lines:
            handle.write(line + b"\n")
            count += 1
    return count


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True).encode("ascii")


def _seal_row(seal: Seal) -> dict[str, Any]:
    facts = facts_of(seal)
    return {
        "seq": facts.seq,
        "epoch": facts.epoch,
        "from_xid": facts.from_xid,
        "to_xid": facts.to_xid,
        "count": facts.count,
        "root": facts.root.hex(),
        "previous": facts.previous.hex(),
        "value": bytes(seal.value).hex(),
        "sealed_at": stamp(seal.sealed_at),
    }


def _head_row(head: SignedHead, public: bytes) -> dict[str, Any]:
    return {
        "day": head.day.isoformat(),
        "seq": head.seq,
        "value": bytes(head.value).hex(),
        "events_total": head.events_total,
        "key_id": head.key_id,
        "public": public.hex(),
        "signature": bytes(head.signature).hex(),
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
