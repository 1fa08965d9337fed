"""Days, one after the other, give what one rebuild from all landed files gives.

The rebuild keeps what cannot be landed again: which ids were given to whom. Without it a person
that two days' evidence made of two goes on under the other id, but is the same person.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from demo import world
from demo.business_score import score_business
from demo.revenue_score import score_revenue
from tests.end_to_end.conftest import STAGED, Open
from tests.end_to_end.installation import Installation, differences

SCHEMAS = ("staging", "restricted", "intermediate", "marts")
# A component is called by any one of its nodes.
LABELS = ("component", "strong_group", "cluster_key")
# Days after the first on which something is loaded and built: some late. All is built anew after
# the last alone: what goes wrong on one before is still wrong then.
BUILT = (1, 5)


@pytest.mark.e2e
def test_incremental_builds_day_by_day_equal_a_full_refresh(
    sound: Installation, open_installation: Open, world_folder: Path, tmp_path: Path
) -> None:
    sound.fork(tmp_path / "daily", warehouse=True)
    for day in BUILT:
        with open_installation(tmp_path / "daily", day=day) as daily:
            daily.extract()
            daily.o2o("build")
    sold = score_revenue(world_folder / world.WORLD_FILE, daily.warehouse, daily.now)
    assert [str(cell) for cell in sold.differing] == []
    files = world_folder / world.WORLD_FILE, world_folder / world.TRUTH_FILE
    scored = score_business(*files, daily.warehouse, daily.now)
    assert [str(figure) for figure in scored.wrong] == []
    assert scored.stock
    assert scored.stock.levels > 1_000
    rebuilt = daily.fork(tmp_path / "rebuilt", warehouse=True)
    rebuilt.o2o("build", "--full-refresh")
    assert differences(daily.warehouse, rebuilt.warehouse, SCHEMAS, without=LABELS) == {}
    # The same landed files, a warehouse that remembers nobody: only who is who is asked of it.
    fresh = daily.fork(tmp_path / "fresh")
    fresh.o2o("build", "--select", "+int_identity__persons")
    assert persons(fresh.warehouse) == persons(daily.warehouse)


@pytest.mark.e2e
def test_every_source_staged_day_by_day_equals_a_full_refresh(
    staged: Installation, open_installation: Open, tmp_path: Path
) -> None:
    """Also of the sources that the retailer does not have."""
    staged.fork(tmp_path / "daily", warehouse=True)
    with open_installation(tmp_path / "daily", day=BUILT[-1], company=None) as daily:
        daily.extract()
        daily.o2o("build", "--select", STAGED)
    rebuilt = daily.fork(tmp_path / "rebuilt")
    rebuilt.o2o("build", "--select", STAGED)
    assert differences(daily.warehouse, rebuilt.warehouse, ("staging",)) == {}
    assert differences(staged.warehouse, daily.warehouse, ("staging",)) != {}


def persons(warehouse: Path) -> set[frozenset[str]]:
    """Each person as the set of their records, whatever they are called."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            """select list(record_key)
            from intermediate.int_identity__persons group by customer_id"""
        ).fetchall()
    assert len(found) > 100
    return {frozenset(records) for (records,) in found}
