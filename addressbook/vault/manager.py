"""The only door to the numbers: every act demands an access context and leaves its event in the same transaction.

The database functions behind it write the event themselves and refuse an incomplete context, so that even raw SQL of
the application's role cannot look up, read or write a number silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from addressbook.errors import NumberTooEarly
from addressbook.number_text import FIRST_ACQUISITION_ON
from addressbook.vault.door import call, context_json, data_keys, index_of, index_to_store, opened, sealing_key
from addressbook.vault.fingerprints import real_numbers_refuse
from addressbook.vault.sealing import HELD, Seal, seal_many
from addressbook.vault.value import MyNumber

_NO_FILE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class PutResult:
    """Outcome per number: stored | same | different (party has another number) | collision (`holder` has it)."""

    outcome: str
    holder: UUID | None


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """What a refused file did: numbers put out of use, earlier ones that count again, held ones erased."""

    refused: int
    restored: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Spell:
    """期間: one number of a party, without the number. `status` active | changed | released | refused."""

    valid_from: date
    valid_to: date | None
    status: str
    verified_by: str
    source: str
    recorded_at: datetime
    file_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where numbers come from: `source` names feed or paper, `verified_by` how they were confirmed (番号法16条), `file`
    the received file they stood in, if any.
    """

    source: str
    verified_by: str
    acquired_on: date
    file: UUID | None = None


class NumberVault:
    """個人番号 manager. Every method needs an access context with function, purpose and legal base."""

    def put(
        self,
        parties: Sequence[UUID],
        numbers: Sequence[bytes],
        *,
        origin: Origin,
        replace: bool = False,
        files: Sequence[UUID | None] = (),
    ) -> list[PutResult]:
        """Seal `numbers` (12 ASCII digits, check digit already proved) for `parties`, in one statement.

        `replace` closes an earlier number of the same party (番号の変更); otherwise that row answers `different` and
        nothing of it is stored. `files` name the file of each number where they differ. Raises NumberTooEarly
        (R-015), VaultContextMissing.
        """
        ctx = context_json()
        if origin.acquired_on < FIRST_ACQUISITION_ON:
            raise NumberTooEarly
        if not parties:
            return []
        real_numbers_refuse(numbers)
        with transaction.atomic():
            key = sealing_key()
            ids = [uuid4() for _ in parties]
            seals = seal_many(key, ids, [party.bytes for party in parties], numbers)
            index = index_to_store(numbers)
            rows = call(
                "SELECT ord, outcome, holder FROM vault.number_put"
                "(%s, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)",
                (
                    ctx,
                    ids,
                    list(parties),
                    origin.acquired_on,
                    key.version,
                    seals.nonces,
                    seals.ciphertexts,
                    seals.tags,
                    index.version,
                    index.values,
                    index.next_values,
                    origin.verified_by,
                    origin.source,
                    replace,
                    [one or _NO_FILE for one in files or [origin.file] * len(parties)],
                ),
            )
        return [PutResult(outcome, holder) for _, outcome, holder in rows]

    def hold(self, refs: Sequence[UUID], numbers: Sequence[bytes], *, source: str, file: UUID | None = None) -> None:
        """Seal numbers of a file whose rows are not yet matched, under the references given."""
        ctx = context_json()
        if not refs:
            return
        real_numbers_refuse(numbers)
        with transaction.atomic():
            key = sealing_key()
            seals = seal_many(key, refs, [HELD] * len(refs), numbers)
            index = index_to_store(numbers)
            call(
                "SELECT vault.held_put(%s, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)",
                (
                    ctx,
                    list(refs),
                    key.version,
                    seals.nonces,
                    seals.ciphertexts,
                    seals.tags,
                    index.version,
                    index.values,
                    index.next_values,
                    source,
                    file or _NO_FILE,
                ),
            )

    def read(self, parties: Sequence[UUID], *, action: str) -> dict[UUID, MyNumber]:
        """The current numbers of parties; `action` reveal_number | read_number | provide.

        Raises VaultTampered, KeyGone.
        """
        keys = data_keys()
        rows = call(
            "SELECT id, party_id, key_version, nonce, ciphertext, tag FROM vault.number_read(%s, %s, %b)",
            (context_json(), action, list(parties)),
        )
        numbers = opened([(row[0], row[1].bytes, row[2], Seal(*map(bytes, row[3:6]))) for row in rows], keys)
        return {row[1]: MyNumber(number.decode()) for row, number in zip(rows, numbers, strict=True)}

    def parties_by_numbers(self, numbers: Sequence[bytes]) -> list[UUID | None]:
        """For each number the party that holds (or last held) it, in one call."""
        ctx, index = context_json(), index_of(numbers)
        rows = call("SELECT ord, party_id FROM vault.parties_by_index(%s, %b, %b)", (ctx, index.version, index.values))
        found: list[UUID | None] = [None] * len(numbers)
        for position, party in rows:
            found[position - 1] = party
        return found

    def holders_by_numbers(self, numbers: Sequence[bytes]) -> list[UUID | None]:
        """For each number the party whose number it is now, in one call; a former holder is none."""
        ctx, index = context_json(), index_of(numbers)
        rows = call("SELECT ord, party_id FROM vault.holders_by_index(%s, %b, %b)", (ctx, index.version, index.values))
        found: list[UUID | None] = [None] * len(numbers)
        for position, party in rows:
            found[position - 1] = party
        return found

    def parties_by_held(self, refs: Sequence[UUID]) -> dict[UUID, UUID]:
        """For held numbers the party that holds the same number; the comparison stays inside the database."""
        rows = call("SELECT ref, party_id FROM vault.parties_by_held(%s, %b)", (context_json(), list(refs)))
        return dict(rows)

    def held_agrees(self, ref: UUID, number: bytes) -> bool:
        """Whether a number read a second time is the held one; compared inside the database by the keyed index."""
        ctx, index = context_json(), index_of([number])
        rows = call("SELECT vault.held_agrees(%s, %b, %b, %b)", (ctx, ref, index.version, index.values[0]))
        return bool(rows[0][0])

    def bind_held(
        self, pairs: Sequence[tuple[UUID, UUID]], *, origin: Origin, replace: bool = False
    ) -> dict[UUID, PutResult]:
        """Bind held numbers to parties (ref, party): the same number → the held copy goes; none yet → sealed anew.

        `replace` as in `put`. A conflict (`different`, `collision`) leaves the held number where it is. Answers per
        ref; an unknown ref is missing from the answer.
        """
        ctx = context_json()
        with transaction.atomic():
            rows = call(
                "SELECT ref, party_id, key_version, nonce, ciphertext, tag, is_bound, file_id"
                " FROM vault.held_bind(%s, %b, %b)",
                (ctx, [ref for ref, _ in pairs], [party for _, party in pairs]),
            )
            results = {row[0]: PutResult("same", None) for row in rows if row[6]}
            open_rows = [row for row in rows if not row[6]]
            if open_rows:
                numbers = opened([(row[0], HELD, row[2], Seal(*map(bytes, row[3:6]))) for row in open_rows])
                outcomes = self.put(
                    [row[1] for row in open_rows],
                    numbers,
                    origin=origin,
                    replace=replace,
                    files=[row[7] for row in open_rows],
                )
                results |= {row[0]: outcome for row, outcome in zip(open_rows, outcomes, strict=True)}
                settled = [row[0] for row in open_rows if results[row[0]].outcome in {"stored", "same"}]
                if settled:
                    self.drop_held(settled)
        return results

    def drop_held(self, refs: Sequence[UUID]) -> int:
        """Erase held numbers (no longer needed, N-077); answers how many."""
        return int(call("SELECT vault.held_drop(%s, %b)", (context_json(), list(refs)))[0][0])

    def move(self, from_party: UUID, to_party: UUID, *, source: str, on: date) -> PutResult | None:
        """Merge or split: release the number of one party and seal it anew for the other, with what is known of its
        confirmation and file; None where there is none.
        """
        with transaction.atomic():
            released = self._release(from_party, on)
            if released is None:
                return None
            number, verified_by, file = released
            origin = Origin(source=source, verified_by=verified_by, acquired_on=on, file=file)
            return self.put([to_party], [number], origin=origin)[0]

    def hold_again(self, party: UUID, ref: UUID, *, on: date) -> bool:
        """Undo a binding: release the party's number and hold it under `ref`; False where there is none."""
        with transaction.atomic():
            released = self._release(party, on)
            if released is not None:
                self.hold([ref], [released[0]], source="undo", file=released[2])
        return released is not None

    def _release(self, party: UUID, on: date) -> tuple[bytes, str, UUID | None] | None:
        rows = call(
            "SELECT id, key_version, nonce, ciphertext, tag, verified_by, file_id"
            " FROM vault.number_release(%s, %b, %b)",
            (context_json(), party, on),
        )
        numbers = opened([(row[0], party.bytes, row[1], Seal(*map(bytes, row[2:5]))) for row in rows])
        return (numbers[0], rows[0][5], rows[0][6]) if rows else None

    def file_refuse(self, file: UUID, *, on: date) -> FileRefusal:
        """Put every number of a received file out of use: those of parties end, what they had replaced counts again,
        held ones are erased. Again on the same file does nothing.
        """
        row = call("SELECT refused, restored, dropped FROM vault.file_refuse(%s, %b, %b)", (context_json(), file, on))[
            0
        ]
        return FileRefusal(*row)

    def file_counts(self, files: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:
        """(in force, held, put out of use) by file; no number is read, nothing is recorded."""
        rows = call("SELECT file_id, active, held, refused FROM vault.file_count(%b)", (list(files),))
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def spells(self, party: UUID) -> list[Spell]:
        """Since when the party has or had numbers and how they were confirmed, newest first; no number is read."""
        rows = call(
            "SELECT valid_from, valid_to, status, verified_by, source, recorded_at, file_id"
            " FROM vault.number_spells(%b)",
            (party,),
        )
        return [Spell(*row) for row in rows]

    def parties_with_number(self, parties: Sequence[UUID]) -> set[UUID]:
        """Which of the parties have a number at all (no number is read, nothing is recorded)."""
        return {row[0] for row in call("SELECT party_id FROM vault.parties_with_number(%b)", (list(parties),))}


vault = NumberVault()
