"""Five days, one after the other, give what one rebuild from all landed files gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import differences

SCHEMAS = ("staging", "intermediate", "marts")


@pytest.mark.e2e
def test_incremental_build_after_each_day_equals_a_full_refresh(
    open_installation: Open, tmp_path: Path
) -> None:
    for day in range(6):
        with open_installation(tmp_path / "daily", day=day) as daily:
            daily.extract()
            daily.o2o("build")
        if day == 0:
            continue
        # The same landed files, another warehouse.
        fresh = daily.fork(tmp_path / f"fresh-{day}")
        fresh.o2o("build", "--full-refresh")
        assert differences(daily.warehouse, fresh.warehouse, SCHEMAS) == {}, f"after day {day}"
