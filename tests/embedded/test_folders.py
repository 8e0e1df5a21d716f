"""Folders, secrets and sockets of an installation."""

import os
from pathlib import Path

import pytest

from taxsys.embedded import folders
from taxsys.embedded.messages import LauncherError


def test_a_second_opening_keeps_the_secrets(tmp_path: Path) -> None:
    first = folders.open_folder(tmp_path / "a", None)
    password = first.secret_text("app")
    assert len(bytes.fromhex(password)) == 32
    assert folders.open_folder(tmp_path / "a", None).secret_text("app") == password
    assert len({first.secret_text(name) for name in folders.SECRET_NAMES}) == len(folders.SECRET_NAMES)


def test_sockets_move_to_a_short_folder_when_the_path_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 80) / ("y" * 60)
    deep.parent.mkdir()
    folder = folders.open_folder(deep, None)
    try:
        assert len(os.fsencode(f"{folder.sockets}/.s.PGSQL.5432.lock")) <= folders.SOCKET_PATH_LIMIT
        assert oct(folder.sockets.stat().st_mode & 0o777) == "0o700"
    finally:
        folder.remove_sockets()
    assert not folder.sockets.exists()


def test_a_short_path_keeps_its_sockets_inside(tmp_path: Path) -> None:
    folder = folders.Folder(tmp_path, tmp_path / "run", is_short=False)
    folder.sockets.mkdir()
    folder.remove_sockets()
    assert folder.sockets.exists()


def test_the_rights_of_parents_are_not_touched(tmp_path: Path) -> None:
    parent = tmp_path / "parent"
    parent.mkdir()
    parent.chmod(0o711)
    folders.open_folder(parent / "a", None)
    assert oct(parent.stat().st_mode & 0o777) == "0o711"


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LauncherError, match="is not a folder"):
        folders.open_folder(tmp_path / "a", None)


def test_two_launchers_never_hold_one_folder(tmp_path: Path) -> None:
    handle = folders.hold(tmp_path)
    with pytest.raises(LauncherError, match="is in use by another run"):
        folders.hold(tmp_path)
    os.close(handle)
    os.close(folders.hold(tmp_path))
