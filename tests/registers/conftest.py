"""Each test of the registers keeps its papers in a folder of its own, with a key made for it."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> None:
    settings.TAXSYS_DATA_DIR = tmp_path
    settings.TAXSYS_CREATE_KEYS = True
    settings.TAXSYS_KEY_DIR = ""
    settings.TAXSYS_BUSINESS_DATE = "2026-11-20"
