"""The requests of Acme."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.connectors.acme.shape import Tills
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Vendor


def test_sales_are_asked_for_by_their_last_change(vendor: Vendor, tmp_path: Path) -> None:
    tills = Tills(vendor)
    tills.add("1", JUNE - timedelta(hours=1))
    landed = run(tmp_path, "acme", "sales", tills.connection)
    assert [sale["id"] for sale in landed] == ["1"]
    (request,) = vendor.seen("/v1/sales")
    assert request.query["updated_until"] == "2026-06-01T00:00:00.000Z"
    assert request.headers["Authorization"] == "Bearer k"
