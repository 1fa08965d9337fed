"""``kill -9`` at any place, start again: the marts are those of a run that was never killed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import kill_at
from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import Installation, differences


def extraction(source: str) -> list[kill_at.Place]:
    """The load of a stream in the middle, and before what that left is swept. Every place there is
    of every source: tests/connectors/test_kills.py."""
    return [(f"move landing/{source}/*", 4), (f"remove landing/{source}/*.tmp", 1)]


# Where each step is killed before it may end: at all it does to files, and a build at each kind of
# node. Extracts and builds go on from what a killed one left, so each kill hits another state.
KILLS: dict[tuple[str, ...], list[kill_at.Place]] = {
    ("extract", "shopify"): extraction("shopify"),
    ("extract", "square"): extraction("square"),
    ("build",): [
        ("move landing/o2o/identity_links/0*", 1),
        ("move landing/o2o/channel_weights/0*", 1),
        ("move landing/o2o/experiment_results/0*", 1),
        ("move landing/o2o/customer_predictions/0*", 1),
        ("move landing/o2o/channel_weights/2*", 1),
        ("* landing/o2o/*", 3),  # their draft is swept, they land, and then the results would
        ("commit", 1),
        ("commit seed *", 3),
        ("commit incremental *", 9),
        ("commit view *", 5),
        ("commit connected_components *", 2),
        ("close warehouse", 1),
        ("commit table *", 50),
    ],
    ("audit", "marts"): [
        ("move reports/audit-marts.json", 1),
        ("remove reports/gx/*", 1),
        ("move reports/index.html", 1),
    ],
    ("publish",): [
        ("move published/o2o.duckdb", 1),
        ("remove published/.*.tmp*", 1),
        ("move published/manifest.json", 1),
        ("move reports/overview.html", 1),
        ("move reports/index.html", 1),
    ],
}


@pytest.mark.e2e
def test_a_run_killed_at_any_place_and_started_again_gives_the_same_marts(
    landed: Installation, sound: Installation, open_installation: Open, tmp_path: Path
) -> None:
    home = landed.fork(tmp_path / "killed").home
    sources = [name for step, name, *_ in ((*each, "") for each in KILLS) if step == "extract"]
    for source in sources:
        shutil.rmtree(home / "landing" / source)
    with open_installation(home) as killed:
        for step, places in KILLS.items():
            options = ("--until", killed.now.isoformat()) if step[0] == "extract" else ()
            changes = [killed.killed_at(place, *step, *options) for place in places]
            changes.append(killed.changes(*step, *options))
            for made in changes:
                assert not kill_at.unlisted(made, places), f"{step} is to be killed here, too"

    assert differences(sound.warehouse, killed.warehouse, ("staging", "marts")) == {}
    assert differences(sound.published, killed.published, ("marts",)) == {}
    assert (killed.home / "reports" / "overview.html").exists(), "made when it was not yet"
    assert not list(killed.published.parent.glob(".*.tmp")), "what a killed run left is swept"
