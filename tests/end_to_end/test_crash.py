"""``kill -9`` at any moment, start again: the marts are those of a run that was never killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import Installation, differences

KILLS_PER_STEP = 4
STEPS = (
    ("extract", "shopify"),
    ("extract", "square"),
    ("build",),
    ("publish",),
)


def run_to_the_end(warehouse: Installation) -> None:
    warehouse.extract()
    warehouse.o2o("build")
    warehouse.o2o("audit", "marts")
    warehouse.o2o("publish")


@pytest.mark.e2e
def test_a_run_killed_at_any_moment_and_started_again_gives_the_same_marts(
    open_installation: Open, tmp_path: Path
) -> None:
    with open_installation(tmp_path / "whole") as whole:
        run_to_the_end(whole)

    moments = random.Random(20260601)
    with open_installation(tmp_path / "killed") as killed:
        landed = tuple(s for s in killed.connections if s not in ("shopify", "square"))
        killed.extract(*landed)
        for step in STEPS:
            if step == ("publish",):
                killed.o2o("audit", "marts")
            until = ("--until", killed.now.isoformat()) if step[0] == "extract" else ()
            seconds = 20.0
            interrupted = 0
            for _ in range(KILLS_PER_STEP):
                # Past the start-up of the interpreter, spread over what the step takes.
                interrupted += killed.killed(*step, *until, after=moments.uniform(0.8, seconds))
            assert interrupted, f"{step} was never interrupted"
            killed.timed(*step, *until)
        assert not list(killed.home.rglob("*.tmp")), "a later run sweeps what a killed one left"

    assert differences(whole.warehouse, killed.warehouse, ("staging", "marts")) == {}
    assert differences(whole.published, killed.published, ("marts",)) == {}
