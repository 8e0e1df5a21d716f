"""発送前の再確認: what stops a piece between composing and posting, as of the day it would leave (N-090, N-095).

A floor above says what it guards (`package_guard_register`); release, handing over and posting of every package ask all
guards. A piece made by the office itself is stopped by pulling it out; what stands in a contractor's file cannot be
pulled from it, so that package is recalled and made anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.models import Batch, PrintPackage

_SHOWN = 10


@dataclass(frozen=True, slots=True, order=True)
class Stop:
    """One piece that may not leave, by its place in the package (never by person), and why. `seq` 0: the whole."""

    batch: str
    seq: int
    reason_ja: str

    @property
    def text_ja(self) -> str:
        """The piece in words."""
        return f"{Batch(self.batch).label} {self.seq}番" if self.seq else "組全体"


Guard = Callable[[PrintPackage], Iterable[Stop]]
_guards: dict[str, Guard] = {}


def package_guard_register(name: str, guard: Guard) -> None:
    """Register a guard (call it from AppConfig.ready); the same name replaces."""
    _guards[name] = guard


def package_stops(package: PrintPackage) -> list[Stop]:
    """What stops pieces of the package today, in order; pulled pieces are out already."""
    return sorted(stop for guard in _guards.values() for stop in guard(package))


def stops_refusal(package: PrintPackage) -> str:
    """Why the package may not leave as it is, in Japanese; "" when it may."""
    stops = package_stops(package)
    if not stops:
        return ""
    places = "、".join(stop.text_ja for stop in stops[:_SHOWN]) + ("ほか" if len(stops) > _SHOWN else "")
    reasons = "・".join(dict.fromkeys(stop.reason_ja for stop in stops))
    bulk = any(stop.batch == Batch.BULK or not stop.seq for stop in stops)
    todo = (
        "委託先に渡すデータから抜けないため、この組を回収して作り直してください。"
        if bulk
        else "該当する通を引き抜いてから、やり直してください。"
    )
    return f"{len(stops):,}通を発送できません（{places}）。{reasons}。{todo}"


def stops_check(package: PrintPackage) -> None:
    """Refuse (PackageRefused) a package with a stopped piece."""
    if refusal := stops_refusal(package):
        raise PackageRefused(refusal)
