"""家屋敷等 (writes): registered, ended, answered for, and frozen into the population of 1 January.

地方税法294条1項2号・318条; F-PL-016, F-PI-001, R-016. Whoever lives here is a resident and never
both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from addressbook.models import Party
from assessment.models import TaxablePopulation
from assessment.premises.errors import PremisesRefused
from assessment.premises.models import CandidateDismissal, DomicileAnswer, Premises, PremisesKind
from assessment.resident.rules.pipeline import PIPELINES
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.municipalities import name_of


@dataclass(frozen=True, slots=True)
class PremisesDraft:
    """家屋敷等の内容 as declared or found."""

    party_id: UUID
    kind: str
    address_text: str
    ground: str
    evidence_ja: str
    first_year: int
    home_municipality: str
    received_on: date
    channel: str = ReceiptChannel.PAPER


@transaction.atomic
def premises_register(draft: PremisesDraft, *, actor_id: str) -> Premises:
    """家屋敷等を登録する. Raises PremisesRefused with the field."""
    if draft.first_year not in PIPELINES:
        raise PremisesRefused("この年度の計算は用意されていません。", field="first_year")
    if draft.kind not in PremisesKind.values:
        raise PremisesRefused("種別を選んでください。", field="kind")
    if name_of(draft.home_municipality) is None:
        raise PremisesRefused(
            "住所地の市区町村コード(6桁)がありません。コードを確かめてください。", field="home_municipality"
        )
    if draft.received_on > clock.today():
        raise PremisesRefused("受付日が今日より後です。", field="received_on")
    if not draft.address_text.strip() or not draft.evidence_ja.strip():
        raise PremisesRefused("所在地と、確認した資料を入力してください。", field="address_text")
    resident_refuse(draft.party_id, draft.first_year)
    now = clock.now()
    try:
        with transaction.atomic():
            return Premises.objects.create(
                premises_no=_next_no(clock.today().year), party_id=draft.party_id, kind=draft.kind,
                address_text=draft.address_text.strip(), ground=draft.ground, evidence_ja=draft.evidence_ja.strip(),
                first_year=draft.first_year, home_municipality=draft.home_municipality, received_on=draft.received_on,
                channel=draft.channel,
                recorded_by=actor_id, recorded_at=now, changed_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        if "premises_live_uq" not in str(error):
            raise
        raise PremisesRefused(
            "この人の同じ所在地の家屋敷等は登録済みです。その登録を開いてください。", field="address_text"
        ) from error


def resident_refuse(party_id: UUID, tax_year: int) -> None:
    """Refuse (PremisesRefused) somebody who lives here on 1 January of the year by the population or the register."""
    Party.objects.select_for_update(of=("self",), no_key=True).get(pk=party_id)
    if TaxablePopulation.objects.filter(party_id=party_id, tax_year=tax_year, basis="resident").exists():
        raise PremisesRefused(
            f"この人は{wareki.format_year(tax_year)}年1月1日に市内に住所があります。住民として課税されるため、"
            "家屋敷等は登録できません。",
            field="first_year",
        )


def _next_no(year: int) -> str:
    """登録番号: the next of the year; one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('premises.premises_no'))")
    last = Premises.objects.filter(premises_no__startswith=f"K{year}-").order_by("-premises_no").first()
    return f"K{year}-{(int(last.premises_no[6:]) if last else 0) + 1:05d}"


@transaction.atomic
def premises_end(premises_id: int, *, last_year: int, reason_ja: str, actor_id: str) -> Premises:
    """終了: the last 課税年度 that is taxed; the year before the first takes the whole registration back.

    Raises PremisesRefused. A year that is decided already is put right by the next correction run (B-PI-19).
    """
    row = Premises.objects.select_for_update().get(pk=premises_id)
    if row.last_year is not None:
        raise PremisesRefused("この家屋敷等は終了しています。画面を開き直してください。")
    if last_year < row.first_year - 1 or last_year > max(PIPELINES):
        raise PremisesRefused(
            f"最後の年度は{wareki.format_year(row.first_year - 1)}（登録の取消）から"
            f"{wareki.format_year(max(PIPELINES))}までです。",
            field="last_year",
        )
    if not reason_ja.strip():
        raise PremisesRefused("終了の理由を入力してください。", field="reason_ja")
    row.last_year, row.end_reason_ja, row.ended_by = last_year, reason_ja.strip()[:200], actor_id
    row.ended_on, row.changed_at = clock.today(), clock.now()
    row.save(update_fields=["last_year", "end_reason_ja", "ended_by", "ended_on", "changed_at"])
    frozen = TaxablePopulation.objects.filter(party_id=row.party_id, basis__in=FROZEN)
    for tax_year in sorted(frozen.values_list("tax_year", flat=True)):
        premises_freeze(tax_year=tax_year)
    return row


@transaction.atomic
def domicile_answer(
    premises_id: int, *, tax_year: int, is_exempt: bool, answered_on: date, note_ja: str, actor_id: str
) -> DomicileAnswer:
    """住所地の回答を記録する; a later answer of the same year takes the place of the first. Raises PremisesRefused."""
    row = Premises.objects.select_for_update().get(pk=premises_id)
    if not covers(row, tax_year):
        raise PremisesRefused("この年度は家屋敷等の課税の年度に入っていません。", field="tax_year")
    if answered_on > clock.today():
        raise PremisesRefused("回答日が今日より後です。", field="answered_on")
    row.changed_at = clock.now()
    row.save(update_fields=["changed_at"])
    answer, _ = DomicileAnswer.objects.update_or_create(
        premises=row, tax_year=tax_year,
        defaults={
            "is_exempt": is_exempt, "answered_on": answered_on, "note_ja": note_ja.strip()[:200],
            "recorded_by": actor_id, "recorded_at": row.changed_at,
        },
    )  # fmt: skip
    return answer


def covers(row: Premises, tax_year: int) -> bool:
    """Whether the premises are taxed in the year."""
    return row.first_year <= tax_year and (row.last_year is None or tax_year <= row.last_year)


@transaction.atomic
def candidate_dismiss(party_id: UUID, *, tax_year: int, reason_ja: str, actor_id: str) -> None:
    """候補から除く: somebody without premises here. Raises PremisesRefused without a reason."""
    if not reason_ja.strip():
        raise PremisesRefused("除く理由を入力してください。", field="reason_ja")
    CandidateDismissal.objects.update_or_create(
        party_id=party_id, tax_year=tax_year,
        defaults={"reason_ja": reason_ja.strip()[:200], "dismissed_by": actor_id, "dismissed_at": clock.now()},
    )  # fmt: skip


PREMISES, ENDED = "premises", "ended"
FROZEN = (PREMISES, ENDED)


@transaction.atomic
def premises_freeze(*, tax_year: int) -> int:
    """賦課期日現在の対象者に加える: everybody with premises taxed in the year who does not live here. Idempotent.

    A row whose premises were taken back stays in the snapshot as `ended`, so that its decision is put right. Answers
    how many are taxed by their premises.
    """
    live = "r.party_id = t.party_id AND r.first_year <= %(year)s AND (r.last_year IS NULL OR r.last_year >= %(year)s)"
    with connection.cursor() as cursor:
        # Set-based: the register into the population, in three statements.
        cursor.execute(
            """INSERT INTO assessment_taxablepopulation
                   (tax_year, party_id, basis, household_no, birth_on, is_on_livelihood_aid, town_code)
               SELECT DISTINCT %(year)s, p.id, 'premises', '', p.birth_on, false, ''
                 FROM premises_premises AS r JOIN addressbook_party AS p ON p.id = r.party_id
                WHERE r.first_year <= %(year)s AND (r.last_year IS NULL OR r.last_year >= %(year)s)
                ORDER BY p.id
               ON CONFLICT (tax_year, party_id) DO NOTHING""",
            {"year": tax_year},
        )
        for now, other, exists in ((PREMISES, ENDED, "EXISTS"), (ENDED, PREMISES, "NOT EXISTS")):
            cursor.execute(
                f"""UPDATE assessment_taxablepopulation AS t SET basis = %(now)s
                     WHERE t.tax_year = %(year)s AND t.basis = %(other)s
                           AND {exists} (SELECT FROM premises_premises AS r WHERE {live})""",  # noqa: S608 -- constants
                {"year": tax_year, "now": now, "other": other},
            )
    return TaxablePopulation.objects.filter(tax_year=tax_year, basis=PREMISES).count()
