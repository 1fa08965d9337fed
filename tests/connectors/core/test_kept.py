"""What is kept of a connection from one load to the next."""

from __future__ import annotations

from pathlib import Path

from connectors.core.kept import Kept
from warehouse.landing.zone import Landing


def test_what_a_killed_writer_left_goes_with_the_next_value(tmp_path: Path) -> None:
    kept = Kept(Landing(str(tmp_path)), "till")
    kept.write("shop", "secret", {"refresh_token": "one"})
    (file,) = (tmp_path / "_kept" / "till").iterdir()
    file.with_name(f".{file.name}.ab12cd34.tmp").write_bytes(b"half")
    kept.write("shop", "secret", {"refresh_token": "two"})
    assert [*file.parent.iterdir()] == [file]
    assert kept.read("shop", "secret") == {"refresh_token": "two"}
