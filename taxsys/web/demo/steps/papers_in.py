"""資料の受付: the register, the papers of spring, and those that arrive between the two cuts."""

from datetime import date
from functools import cache

from addressbook.models import Party
from assessment.models import SourceDocument, SourceState
from taxsys.city.deliveries import CityDeliveries, CityFile, resident_files
from taxsys.platform.files.models import ReceivedFile
from taxsys.web.demo.walk import TAX_YEAR, Demo

STAGE = "取込"
JOBS = {
    "local_juki_ido": "B-AB-01",
    "local_shien_sochi": "B-AB-02",
    "local_soukatsu_17": "B-PI-03-S",
    "kyuho_315": "B-PI-03",
    "nenpo_331": "B-PI-04",
    "koa020": "B-PI-05",
    "local_onestop_tsuchi": "B-PI-09",
}


@cache
def spring_files(city: CityDeliveries) -> tuple[CityFile, ...]:
    """The files of a city's spring, in order of arrival; written once, without any database."""
    return tuple(sorted((*resident_files(city.people), *city.spring_files()), key=lambda one: one.arrives_on))


def spring(demo: Demo) -> None:
    """Register of 1 January, protections, wage and pension reports, returns, one-stop notices."""
    with demo.timed(STAGE):
        demo.take_in(spring_files(demo.deliveries), JOBS)
    demo.handled(STAGE, Party.objects.count() + SourceDocument.objects.count())


def late(demo: Demo) -> None:
    """What arrives between the two cuts (May), and its matching."""
    before = SourceDocument.objects.count()
    with demo.timed(STAGE):
        demo.take_in(list(demo.deliveries.late_files()), JOBS)
        demo.job("B-PI-10", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 6, 1))
    demo.handled(STAGE, SourceDocument.objects.count() - before)


def rows() -> list[tuple[str, str]]:
    """Files, parties, papers."""
    documents = SourceDocument.objects.filter(tax_year=TAX_YEAR)
    return [
        ("受領ファイル", f"{ReceivedFile.objects.count():,}件"),
        ("宛名", f"{Party.objects.count():,}件"),
        ("課税資料", f"{documents.count():,}件"),
        ("突合済", f"{documents.filter(party__isnull=False).count():,}件"),
        ("突合不能", f"{documents.filter(state=SourceState.UNMATCHED).count():,}件"),
    ]
