"""A fork is a process of its own, and one that is watched is killed where it is to be."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests import forks, kill_at


def command(folder: Path, code: str) -> forks.Command:
    environment = {**os.environ, "O2O_HOME": str(folder)}
    return forks.Command("tests.test_forks:runs", [code], environment, (), str(folder))


def runs() -> None:
    import sys

    exec(sys.argv[1], {})


def test_forks_share_nothing(tmp_path: Path) -> None:
    meddling = "import os, sys; os.environ['MEDDLED'] = sys.meddled = 'x'; print(os.getcwd())"
    assert forks.run(command(tmp_path, meddling)).stdout == f"{tmp_path}\n"
    asking = "import os, sys; print('MEDDLED' in os.environ, hasattr(sys, 'meddled'))"
    assert forks.run(command(tmp_path, asking)).stdout == "False False\n"


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("pass", 0),
        ("exit(3)", 3),
        ("1 / 0", 1),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_how_it_ended_is_told(tmp_path: Path, code: str, ends: int) -> None:
    assert forks.run(command(tmp_path, code)).returncode == ends


def test_what_is_open_at_the_end_is_closed_by_then(tmp_path: Path) -> None:
    code = "import duckdb; con = duckdb.connect('a.duckdb'); con.execute('create table t (i int)')"
    assert forks.run(command(tmp_path, code)).returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_watched_command_is_killed_right_before_the_change(tmp_path: Path) -> None:
    code = """
import os
from pathlib import Path
from warehouse.landing.zone import Landing

Path('draft').write_text('')
os.replace('draft', Path('made').resolve())
Landing('landing').ensure_stream('shop', 'orders')
Path('made').resolve().unlink()
"""
    load = "move landing/shop/orders/00000000T000000.000000Z.parquet"
    done = forks.run(kill_at.killed(("* landing/*", 1), command(tmp_path, code)))
    assert done.returncode == -signal.SIGKILL
    assert kill_at.told(done.stdout) == ["move made", load]
    assert (tmp_path / "made").exists()
    assert not list(tmp_path.rglob("*.parquet"))
    done = forks.run(kill_at.watched(command(tmp_path, code)))
    assert done.returncode == 0
    moved, swept, *others = kill_at.told(done.stdout)
    assert [moved, *others] == ["move made", load, "remove made"]
    assert swept.startswith(load.replace("move ", "remove ")), "the draft that the killed one left"
    assert kill_at.unlisted(["move made", load], [("move landing/*", 1)]) == {"move made"}
