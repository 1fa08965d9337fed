"""A connection's folder gets another name: all of it or nothing, and nothing is mixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.landing.errors import SettingError, StorageError
from warehouse.landing.renaming import BEGUN, rename
from warehouse.landing.storage import Storage
from warehouse.landing.zone import KEPT, Landing


@pytest.fixture(params=["folder", "store"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Landing:
    if request.param == "folder":
        return Landing(str(tmp_path / "landing"))
    return Landing(f"{request.getfixturevalue('bucket')}/landing")


def land(landing: Landing, connection: str, key: str) -> str:
    place = landing.stream(connection, "orders")
    with place.lock(), place.begin({}) as load:
        load.add([(key, "c1", "{}")])
        load.quarantine([("no object", "[]")])
        load.commit({"cursor": key})
    return load.load_id


def names(landing: Landing) -> list[str]:
    return [file.name for file in landing.files() if not file.name.startswith("_locks/")]


def test_loads_state_and_what_was_set_aside_move(landing: Landing) -> None:
    for stream in ("orders", "customers"):
        landing.ensure_stream("shop", stream)
        landing.ensure_stream("shop__de", stream)  # a build was here before
    ids = [land(landing, "shop", key) for key in ("1", "2")]
    landing.storage.write(f"{KEPT}/shop/token", b"sealed")
    assert rename(landing, "shop", "shop__de") == {"orders": 2}
    assert landing.storage.read(f"{KEPT}/shop__de/token") == b"sealed"
    place = landing.stream("shop__de", "orders")
    assert (place.load_ids(), place.state()) == (ids, {"cursor": "2"})
    assert place.quarantines() == ids
    assert not [name for name in names(landing) if "shop/" in name or BEGUN in name]
    assert [place.stream for place in landing.streams("shop__de")] == ["customers", "orders"]
    with pytest.raises(SettingError, match="shop holds no loads"):
        rename(landing, "shop", "shop__uk")


def test_two_histories_are_not_mixed(landing: Landing) -> None:
    for connection in ("shop", "shop__de"):
        land(landing, connection, "1")
    before = names(landing)
    with pytest.raises(SettingError, match="shop__de holds loads of its own; nothing was moved"):
        rename(landing, "shop", "shop__de")
    assert names(landing) == before


def test_what_was_interrupted_goes_on(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [land(landing, "shop", key) for key in ("1", "2")]
    move, moves = Storage.move, iter([True])

    def one_at_a_time(self: Storage, old: str, new: str) -> None:
        if not next(moves, False):
            raise StorageError("the network is gone")
        move(self, old, new)

    monkeypatch.setattr(Storage, "move", one_at_a_time)
    for _ in range(2 if landing.is_local else 3):
        with pytest.raises(StorageError, match="the network is gone"):
            rename(landing, "shop", "shop__de")
        moves = iter([True])
    rename(landing, "shop", "shop__de")
    place = landing.stream("shop__de", "orders")
    assert (place.load_ids(), place.quarantines()) == (ids, ids)
    assert not any(place.load_ids() or place.quarantines() for place in landing.streams("shop"))
