"""Which sources there are, and what they declare."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from connectors.connections import LABEL, vendor
from connectors.core.source import Provided
from connectors.registry import SOURCES, shareable_kinds

STAGING = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "staging"


def test_shareable_kinds_are_those_that_rows_carry() -> None:
    """An id of somebody's record is nobody else's: no kind is both."""
    streams = [stream.personal for source in SOURCES.values() for stream in source.streams]
    declared = [personal for personal in streams if personal]
    own = {kind for personal in declared for kind in personal.who.values()}
    records = {personal.record for personal in declared if personal.policy == "drop"} - {""}
    assert {"email", "phone", "card_fingerprint"} <= shareable_kinds()
    assert not shareable_kinds() & (own | records)
    assert own <= records, "an id of a record that no stream has"


def test_a_label_can_be_told_from_every_name() -> None:
    for name, source in SOURCES.items():
        assert LABEL.fullmatch(name)
        assert vendor(name) == vendor(f"{name}__de") == source.vendor == source.name == name


def test_a_source_provides_what_its_mappings_fill() -> None:
    kinds = set(get_args(Provided))
    for source in SOURCES.values():
        folder = STAGING / source.name
        filled = {file.stem.partition("__")[2] for file in folder.glob(f"{source.name}__*.sql")}
        provided = set(source.provides)
        assert filled & kinds == provided - {"web_orders", "till_orders"}, source.name
        assert ("orders" in filled) == bool(provided & {"web_orders", "till_orders"}), source.name
