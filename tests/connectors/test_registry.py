"""Which sources there are, and which of them an installation reads."""

from __future__ import annotations

import pytest

from connectors.core.errors import UnknownName
from connectors.registry import SOURCES, in_use


def test_all_sources_are_in_use_unless_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("O2O_SOURCES", raising=False)
    assert in_use() == SOURCES
    monkeypatch.setenv("O2O_SOURCES", " square, shopify,")
    assert list(in_use()) == ["square", "shopify"]


def test_a_source_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_SOURCES", "square,shopfy")
    with pytest.raises(UnknownName, match="no source called 'shopfy'"):
        in_use()
