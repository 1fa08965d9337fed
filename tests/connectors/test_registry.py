"""Which sources there are, and which of them an installation reads."""

from __future__ import annotations

import pytest

from connectors.core.errors import UnknownName
from connectors.registry import SOURCES, in_use, shareable_kinds


def test_all_sources_are_in_use_unless_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("O2O_SOURCES", raising=False)
    assert in_use() == SOURCES
    monkeypatch.setenv("O2O_SOURCES", " square, shopify,")
    assert list(in_use()) == ["square", "shopify"]


def test_a_source_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_SOURCES", "square,shopfy")
    with pytest.raises(UnknownName, match="no source called 'shopfy'"):
        in_use()


def test_shareable_kinds_are_those_that_rows_carry() -> None:
    """An id of somebody's record is nobody else's: no kind is both."""
    streams = [stream.personal for source in SOURCES.values() for stream in source.streams]
    declared = [personal for personal in streams if personal]
    own = {kind for personal in declared for kind in personal.who.values()}
    records = {personal.record for personal in declared if personal.policy == "drop"} - {""}
    assert {"email", "phone", "card_fingerprint"} <= shareable_kinds()
    assert not shareable_kinds() & (own | records)
    assert own <= records, "an id of a record that no stream has"
