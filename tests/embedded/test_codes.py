"""The console of `make run` shows each one-time code once, and only whole ones."""

from pathlib import Path

from taxsys.embedded.codes import CodeFollower


def test_only_codes_written_after_the_start_are_shown_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "codes.log"
    path.write_text("1001 sign_in 111111\n")
    follower = CodeFollower(path)
    assert follower.news() == []
    with path.open("a") as handle:
        handle.write("1002 sign_in 222222\n1002 step_up 33")
    assert follower.news() == ["1002 sign_in 222222"]
    with path.open("a") as handle:
        handle.write("3333\n")
    assert follower.news() == ["1002 step_up 333333"]
    assert follower.news() == []


def test_a_file_that_comes_later_is_followed_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "codes.log"
    follower = CodeFollower(path)
    assert follower.news() == []
    path.write_text("1001 sign_in 111111\n")
    assert follower.news() == ["1001 sign_in 111111"]
