"""Files of the synthetic city: records packed as they would arrive at the tax office, with their day of arrival."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from taxsys.city import documents, resident_feed
from taxsys.city.economy import CityEconomy, Employer, Means, WagePay
from taxsys.city.people import CityPeople
from taxsys.city.returns import return_xml
from taxsys.platform.files import layouts
from taxsys.platform.files.manifest import manifest_bytes, manifest_of

WAGE_LINES_A_FILE = 5000
RETURNS_A_FILE = 1500
# A zip member's time stamp is fixed so that the same city gives the same bytes.
_STAMP = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class CityFile:
    """One file as it arrives: its name, format and edition, who sends it by which channel, and when."""

    name: str
    format: str
    edition: str
    sender: str
    channel: str
    arrives_on: date
    content: bytes
    manifest: bytes = b""


def resident_files(people: CityPeople) -> Iterator[CityFile]:
    """Snapshot of 1 January and the protection list."""
    day = date(people.tax_year, 1, 5)
    yield city_file("juki_snapshot", "local_juki_ido", resident_feed.snapshot_records(people), "住民記録システム", day)
    yield city_file(
        "shien_sochi", "local_shien_sochi", resident_feed.protection_records(people), "住民記録システム", day
    )


def resident_change_file(people: CityPeople, *, since: date, until: date) -> CityFile | None:
    """Changes of the register with event dates in [since, until); None when nothing happened."""
    records = list(resident_feed.change_records(people, since=since, until=until))
    if not records:
        return None
    return city_file(f"juki_ido_{until:%Y%m%d}", "local_juki_ido", records, "住民記録システム", until)


class CityDeliveries:
    """What payers, the tax agency and other cities send for the tax year, by day of arrival.

    A small share of the papers arrives after the wage cut of May (the delta of June), and some are corrected later.
    """

    def __init__(self, economy: CityEconomy, *, municipality_code: str = "012041") -> None:
        self.economy = economy
        self.people = economy.people
        self.tax_year = self.people.tax_year
        self.code = municipality_code
        self.random = Random(f"deliveries/{self.people.seed}/{self.people.size}/{self.tax_year}")
        self._wages: dict[str, list[tuple[Employer, dict[str, str]]]] = {"main": [], "late": [], "corrected": []}
        self._returns: dict[str, list[Means]] = {"main": [], "late": []}
        for means in economy.all_means():
            self._place(means)

    def _place(self, means: Means) -> None:
        draw = self.random
        for pay in means.wages:
            self._place_wage(pay, means, "late" if draw.random() < 0.01 else "main")
        if means.files_return:
            self._returns["late" if draw.random() < 0.02 else "main"].append(means)

    def _place_wage(self, pay: WagePay, means: Means, batch: str) -> None:
        draw = self.random
        record = documents.wage_report(pay, means, municipality_code=self.code)
        lot = draw.random()
        if lot < 0.01:
            record["payee_my_number"] = ""
        elif lot < 0.013:
            # One digit mistyped: the check digit gives it away.
            number = record["payee_my_number"]
            record["payee_my_number"] = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
        self._wages[batch].append((pay.employer, record))
        if lot > 0.992:
            corrected = dict(record, filing_kind="2", pay_amount=str(pay.paid_yen + 120_000))
            if "pay_after_deduction" in corrected:
                corrected["pay_after_deduction"] = str(documents.wage_income(pay.paid_yen + 120_000))
            self._wages["corrected"].append((pay.employer, corrected))

    # -- files -----------------------------------------------------------------------------------------------------

    def spring_files(self) -> Iterator[CityFile]:
        """Everything that arrives before the wage cut (January to April)."""
        year = self.tax_year
        yield from self._wage_files("main", date(year, 1, 30))
        pensioners = (
            documents.pension_report(means, municipality_code=self.code)
            for means in self.economy.all_means()
            if means.pension_yen
        )
        yield city_file(f"331dat{year}", "nenpo_331", pensioners, "合成年金機構", date(year, 1, 29),
                        edition="local2025", channel="line", suffix=".txt")  # fmt: skip
        notices = documents.onestop_notices(
            self.economy.all_means(), municipality_code=self.code, notice_on=date(year, 1, 31)
        )
        yield city_file("onestop", "local_onestop_tsuchi", notices, "合成町", date(year, 2, 2), channel="line")
        yield from self._return_files("main", date(year, 4, 20))

    def late_files(self) -> Iterator[CityFile]:
        """What arrives between the two cuts (May)."""
        yield from self._wage_files("late", date(self.tax_year, 5, 18))
        yield from self._return_files("late", date(self.tax_year, 5, 25))

    def corrected_files(self) -> Iterator[CityFile]:
        """Corrected wage reports of the summer."""
        yield from self._wage_files("corrected", date(self.tax_year, 8, 10))

    def _wage_files(self, batch: str, day: date) -> Iterator[CityFile]:
        rows = sorted(self._wages[batch], key=lambda row: (row[0].index, row[1]["employee_no"]))
        if batch != "corrected" and rows:
            yield city_file(f"soukatsu_{batch}", "local_soukatsu_17", self._summaries(rows, day), "eLTAX", day,
                        channel="line")  # fmt: skip
        for number, start in enumerate(range(0, len(rows), WAGE_LINES_A_FILE), start=1):
            lines = [record for _, record in rows[start : start + WAGE_LINES_A_FILE]]
            yield city_file(f"315_{batch}_{number:03d}", "kyuho_315", lines, "eLTAX", day, edition="local2025",
                        channel="line")  # fmt: skip

    def _summaries(self, rows: list[tuple[Employer, dict[str, str]]], day: date) -> Iterator[dict[str, str]]:
        by_employer: dict[int, tuple[Employer, list[dict[str, str]]]] = {}
        for employer, record in rows:
            by_employer.setdefault(employer.index, (employer, []))[1].append(record)
        for employer, records in by_employer.values():
            yield documents.submission_summary(employer, records, municipality_code=self.code, filed_on=day)

    def _return_files(self, batch: str, day: date) -> Iterator[CityFile]:
        all_means = self._returns[batch]
        for number, start in enumerate(range(0, len(all_means), RETURNS_A_FILE), start=1):
            part = all_means[start : start + RETURNS_A_FILE]
            name = f"kokuzei_{batch}_{number:03d}"
            yield CityFile(f"{name}.zip", "koa020", "v23", "国税庁", "line", day, self._return_zip(part, day))

    def _return_zip(self, part: list[Means], day: date) -> bytes:
        buffer = io.BytesIO()
        index = []
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for means in part:
                payload = f"{means.person.index:09d}.xml"
                index.append(self._index_row(means, payload, day))
                _add(archive, payload, return_xml(means))
            _add(archive, "index.csv", _written("local_kokuzei_index", index))
        return buffer.getvalue()

    def _index_row(self, means: Means, payload: str, day: date) -> dict[str, str]:
        person = means.person
        return {
            "received_on": day.isoformat(),
            "kind": "1",
            "income_year": str(self.economy.income_year),
            "filing": "1",
            "form_id": "KOA020",
            "form_version": "23.0",
            "tax_office": "01301",
            "my_number": person.number,
            "name": person.name,
            "kana": person.kana,
            "birth": person.birth_on.isoformat(),
            "address_jan1": person.address,
            "municipality_code": self.code,
            "forwarded": "0",
            "payload": payload,
            "pages": "2",
            "match_state": "0",
        }


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)


def _written(layout: str, records: Iterable[Mapping[str, Any]], edition: str | None = None) -> bytes:
    return layouts.get(layout, edition).write(records)


def city_file(
    name: str, layout: str, records: Iterable[Mapping[str, Any]], sender: str, day: date, *,
    edition: str | None = None, channel: str = "internal", suffix: str = ".csv",
) -> CityFile:  # fmt: skip
    """Records written in a layout, with the 送付票 that travels beside a file of profile local-v1."""
    chosen = layouts.get(layout, edition)
    rows = list(records)
    content = chosen.write(rows)
    slip = _manifest(chosen, rows, content, sender, day) if chosen.has_manifest else b""
    return CityFile(f"{name}{suffix}", layout, chosen.edition, sender, channel, day, content, slip)


def _manifest(
    layout: layouts.Layout, rows: list[Mapping[str, Any]], content: bytes, sender: str, day: date
) -> bytes:  # fmt: skip
    yen = [one.name for one in layout.data_fields if one.converter == "yen"]
    return manifest_bytes(
        manifest_of(
            content,
            format=layout.name,
            layout_version=layout.edition,
            sender=sender,
            created_at=day.isoformat(),
            record_count=len(rows),
            amount_sums={name: sum(int(row.get(name) or 0) for row in rows) for name in yen},
        )
    )
