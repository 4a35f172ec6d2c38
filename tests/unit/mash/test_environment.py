"""Settings of a system on this machine: keys made once and kept private, found again by the other commands."""

from pathlib import Path

import pytest

from mash.environment import current_settings, keys, publish, withdraw
from mash.refusal import Refused


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MASH_DATABASE_URL", "MASH_INTAKE_DATABASE_URL", "MASH_BUS_DATABASE_URL", "MASH_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first = keys(tmp_path / "keys")
    assert keys(tmp_path / "keys") == first
    assert first["MASH_ENCRYPTION_KEYS"].startswith("k1:")
    assert first["MASH_INDEX_KEY"] not in first["MASH_ENCRYPTION_KEYS"]


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    keys(tmp_path / "keys")
    files = list((tmp_path / "keys").iterdir())
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_running_system_is_found_through_its_data_folder(tmp_path: Path) -> None:
    publish({"MASH_DATABASE_URL": "postgresql://there"}, data_dir=tmp_path)
    assert current_settings(data_dir=tmp_path)["MASH_DATABASE_URL"] == "postgresql://there"


def test_our_own_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish({"MASH_DATABASE_URL": "postgresql://there"}, data_dir=tmp_path)
    monkeypatch.setenv("MASH_DATABASE_URL", "postgresql://here")
    assert current_settings(data_dir=tmp_path)["MASH_DATABASE_URL"] == "postgresql://here"


def test_what_does_not_run_is_refused_with_what_to_do(tmp_path: Path) -> None:
    publish({}, data_dir=tmp_path)
    withdraw(data_dir=tmp_path)
    with pytest.raises(Refused, match="make run"):
        current_settings(data_dir=tmp_path)
