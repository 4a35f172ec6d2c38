"""The embedded PostgreSQL's place: who may enter, and whose folders are refused."""

import os
from pathlib import Path

import pytest

from mash.guard import Account
from mash.postgres_place import PostgresRefused, can_enter, make_private, require_owner, short_folder_for_socket

STRANGER = Account(uid=54321, gid=54321)


def test_a_stranger_enters_where_every_step_is_open_to_all() -> None:
    assert can_enter(Path("/usr/bin"), STRANGER)


def test_one_closed_step_keeps_a_stranger_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    assert not can_enter(closed / "inside", STRANGER)


def test_a_private_folder_is_private_whatever_it_was_before(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    make_private(folder, None)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(PostgresRefused, match="belongs to"):
        require_owner(tmp_path / "link", os.geteuid())


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresRefused, match="make clean"):
        require_owner(tmp_path, STRANGER.uid)


def test_the_socket_stays_at_home_while_its_path_is_short() -> None:
    assert short_folder_for_socket(Path("/srv/mash"), None) == Path("/srv/mash")


def test_a_long_home_gets_a_short_private_folder_for_the_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    folder = short_folder_for_socket(home, None)
    try:
        assert len(str(folder)) < 30
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder == short_folder_for_socket(home, None)
    finally:
        folder.rmdir()
