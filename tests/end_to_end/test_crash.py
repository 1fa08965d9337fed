"""``kill -9`` at any moment, start again: the marts are those of a run that was never killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import differences

# How often each step is killed before it may end. Extracts and builds go on from what a killed one
# committed, so each kill hits another state; the finer moments of a publication have tests of their
# own beside it.
KILLS = {
    ("extract", "shopify"): 2,
    ("extract", "square"): 2,
    ("build",): 5,
    ("audit", "marts"): 1,
    ("publish",): 2,
}


@pytest.mark.e2e
def test_a_run_killed_at_any_moment_and_started_again_gives_the_same_marts(
    open_installation: Open, tmp_path: Path
) -> None:
    with open_installation(tmp_path / "whole") as whole:
        until = ("--until", whole.now.isoformat())
        others = [name for name in whole.connections if ("extract", name) not in KILLS]
        whole.extract(*others)
        untouched = whole.fork(tmp_path / "killed")
        options = {step: until if step[0] == "extract" else () for step in KILLS}
        seconds = {step: whole.timed(*step, *options[step]) for step in KILLS}

    moments = random.Random(20260601)
    with open_installation(untouched.home) as killed:
        for step, times in KILLS.items():
            hits = sum(
                killed.killed(*step, *options[step], after=moments.uniform(0.3, seconds[step]))
                for _ in range(times)
            )
            assert hits, f"{step} was never killed"
            killed.o2o(*step, *options[step])

    assert differences(whole.warehouse, killed.warehouse, ("staging", "marts")) == {}
    assert differences(whole.published, killed.published, ("marts",)) == {}
    assert not list(killed.published.parent.glob(".*.tmp")), "what a killed run left is swept"
