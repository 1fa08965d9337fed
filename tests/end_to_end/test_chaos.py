"""Vendors at their worst change how long a load takes, never what is in the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import Installation, differences, row_count


@pytest.mark.e2e
def test_extracting_twice_through_chaos_gives_the_same_staging_tables(
    landed: Installation, open_installation: Open, tmp_path: Path
) -> None:
    calm = landed.fork(tmp_path / "calm")
    calm.o2o("build", "--select", "+staging")
    with open_installation(tmp_path / "chaos", chaos=3) as chaotic:
        chaotic.extract()
        chaotic.extract()
        chaotic.o2o("build", "--select", "+staging")

    assert row_count(calm.warehouse, "staging.stg_square__orders") > 300
    assert differences(calm.warehouse, chaotic.warehouse, ("staging",)) == {}
