"""The staged city, walked through its year once for the whole folder."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.flows.conftest import module_database, small_demo
from tests.outputs.shelter import Shelter, staged, steps_of

__all__ = ["module_database"]


@pytest.fixture(scope="module")
def shelter(module_database: Path) -> Shelter:
    """Protected households in a city of 150, and everything the house made of them in a year."""
    settings.TAXSYS_FONT_CACHE_DIR = settings.BASE_DIR / "var" / "fonts"
    found = staged(small_demo(size=150, seed=3))
    for step in steps_of(found):
        step(found.demo)
    return found


@pytest.fixture(autouse=True)
def _same_folder(module_database: Path, data_folder: Path) -> None:
    """Every test reads the files of the walk, not an empty folder of its own."""
    settings.TAXSYS_DATA_DIR = module_database
