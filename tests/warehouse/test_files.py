"""Who may read what is written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.files import private
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing


def open_to_others(path: Path) -> int:
    return path.stat().st_mode & 0o077


def test_whatever_is_made_inside_is_the_owners_alone(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    with private(old, tmp_path / "new"):
        (old / "plain.txt").write_text("x")
        duckdb.connect(str(tmp_path / "new" / "w.duckdb")).close()
    (tmp_path / "after.txt").write_text("x")
    assert [str(path) for path in (old, *old.iterdir()) if open_to_others(path)] == []
    assert [str(path) for path in (tmp_path / "new").rglob("*") if open_to_others(path)] == []
    assert open_to_others(tmp_path / "after.txt")


def test_whoever_writes_to_a_stream_writes_privately(tmp_path: Path) -> None:
    root = tmp_path / "landing"
    place = Landing(str(root)).stream("acme", "sales")
    place.ensure()
    made = [root, *root.rglob("*")]
    assert [path for path in made if path.suffix == ".parquet"]
    assert [str(path) for path in made if "_locks" not in path.parts and open_to_others(path)] == []


def test_a_folder_of_somebody_else_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o770)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with private(tmp_path):
        (tmp_path / "file").write_text("x")
    assert open_to_others(tmp_path) == 0o070
    assert not open_to_others(tmp_path / "file")


def test_a_setting_lets_the_group_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_UMASK", "027")
    with private(tmp_path / "folder"):
        (tmp_path / "folder" / "file").write_text("x")
    assert open_to_others(tmp_path / "folder" / "file") == 0o040
    assert open_to_others(tmp_path / "folder") == 0o050
    monkeypatch.setenv("O2O_UMASK", "rw")
    with pytest.raises(SettingError, match="O2O_UMASK is 'rw'"), private():
        pass
