"""画面の書体: the font of the screens is served from its declared package; no copy stands in the repository."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FONT_PACKAGE = "justmytype_intl_cjk"
FONT_FOLDER = Path("fonts") / "ofl" / "notosansjp"
FONTS = {"taxsys/fonts/noto-sans-jp.ttf": "NotoSansJP[wght].ttf", "taxsys/fonts/OFL.txt": "OFL.txt"}


class FontStorage(FileSystemStorage):
    """The package's folder under the addresses of `FONTS`."""

    def path(self, name: str) -> str:
        """The file behind one of our addresses."""
        return super().path(FONTS.get(name, name))


class FontFinder(BaseFinder):
    """Finds `taxsys/fonts/…` in the font package, for collectstatic and for the embedded server."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        spec = find_spec(FONT_PACKAGE)
        locations = list(spec.submodule_search_locations or []) if spec else []
        self.folder = Path(locations[0]) / FONT_FOLDER if locations else None

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """The absolute path of a font address, a list of it for `find_all`, else nothing."""
        file = self.folder / FONTS[path] if self.folder and path in FONTS else None
        found = [str(file)] if file is not None and file.is_file() else []
        return found if find_all else (found[0] if found else None)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """All font addresses with the storage that opens them."""
        if self.folder is not None and self.folder.is_dir():
            storage = FontStorage(location=str(self.folder))
            for address in FONTS:
                yield address, storage
