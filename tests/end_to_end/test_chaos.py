"""Vendors at their worst change how long a load takes, never what is in the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import STAGED, Open
from tests.end_to_end.installation import Installation, differences, row_count


@pytest.mark.e2e
def test_extracting_every_source_twice_through_chaos_gives_the_same_staging_tables(
    staged: Installation, open_installation: Open, tmp_path: Path
) -> None:
    with open_installation(tmp_path / "chaos", chaos=3, company=None) as chaotic:
        chaotic.extract()
        chaotic.extract()
        chaotic.o2o("build", "--select", STAGED)

    assert row_count(staged.warehouse, "staging.stg_square__orders") > 300
    assert differences(staged.warehouse, chaotic.warehouse, ("staging",)) == {}
