"""Data silos that disagree: each seeded fault is caught, named to its owner, and held back."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import SOURCES
from demo import world
from demo.revenue_score import score_revenue
from expectations import catalogue
from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import Installation


@dataclass(frozen=True)
class Fault:
    """A fault of the outside world, whose source shows it, and the check that must catch it."""

    name: str
    source: str
    check: str
    is_held_back: bool


FAULTS = (
    Fault("missing_till_day", "square", "till_sales_match_payments", True),
    Fault("unknown_shop", "square", "stores_known_to_systems", True),
    Fault("doubled_crm_deals", "hubspot", "deals_match_orders", False),
    Fault("claimed_conversions_x3", "google_ads", "claims_match_orders", False),
    Fault("stale_feed", "store_sensors", "sources_equally_fresh", False),
)


@pytest.mark.e2e
def test_without_a_fault_everything_is_published(sound: Installation, tmp_path: Path) -> None:
    """One warning stays: a shop gave money back for a sale that nobody had the receipt of."""
    again = sound.copied(tmp_path / "again")
    # The same data are published already: nothing of them may count as lost.
    judged = (catalogue.suites(subject, SOURCES) for subject in ("marts", "publication"))
    checks = sum(len(theme) for suites in judged for theme in suites.values())
    assert f"{checks - 1} of {checks} checks passed" in again.o2o("audit", "marts")
    verdict = json.loads((again.home / "reports" / "audit-marts.json").read_text())
    off = {check["name"]: check for check in verdict["checks"] if check["status"] != "passed"}
    assert [*off] == ["till_refunds_have_sales"]
    assert off["till_refunds_have_sales"]["severity"] == "warn"
    again.published.unlink()
    again.o2o("publish")
    assert again.published.exists()


@pytest.mark.e2e
def test_published_revenue_is_what_was_sold(sound: Installation, world_folder: Path) -> None:
    found = score_revenue(world_folder / world.WORLD_FILE, sound.warehouse, sound.now)
    assert [str(cell) for cell in found.differing] == []
    assert len(found.cells) > 100


@pytest.mark.e2e
@pytest.mark.parametrize("is_held_back", [True, False], ids=["held_back", "warned_of"])
def test_faults_are_caught_and_named(
    is_held_back: bool, landed: Installation, open_installation: Open, tmp_path: Path
) -> None:
    """All of a kind at once, as a bad day brings them: none hides another."""
    faults = [fault for fault in FAULTS if fault.is_held_back == is_held_back]
    sources = {fault.source for fault in faults}
    faulty = landed.fork(tmp_path)
    for source in sources:
        shutil.rmtree(faulty.home / "landing" / source)
    with open_installation(tmp_path, faults=[fault.name for fault in faults]) as seeding:
        seeding.extract(*sources)
        seeded = {each["name"]: each for each in seeding.faults()}
    faulty.o2o("build")
    faulty.o2o("audit", "marts", code=1 if is_held_back else 0)

    verdict = json.loads((faulty.home / "reports" / "audit-marts.json").read_text())
    caught = {check["name"]: check for check in verdict["checks"] if check["status"] != "passed"}
    page = html.unescape(re.sub(r"<[^>]+>", " ", faulty.report.read_text()))
    for fault in faults:
        assert fault.check in caught, fault
        _assert_named(caught[fault.check], fault, seeded[fault.name], page)

    if is_held_back:
        assert "must not be published" in faulty.o2o("publish", code=1)
        assert not faulty.published.exists()
    else:
        faulty.o2o("publish")
        assert faulty.published.exists()


def _assert_named(check: dict[str, Any], fault: Fault, seeded: dict[str, Any], page: str) -> None:
    """Severity and owner are told, the totals add up, and verdict and page name the place."""
    assert check["severity"] == ("fail" if fault.is_held_back else "warn")
    assert check["owner"]
    for total in check["totals"]:
        if float(total["gap"]):
            assert float(total["left"]) - float(total["right"]) == pytest.approx(
                float(total["gap"])
            )
    assert any(float(total["gap"]) for total in check["totals"])
    assert check["culprits"]
    assert check["title"] in page
    assert check["culprits"][0]["place"] in page
    for detail in ("store_code", "day"):  # where the simulator chose a place, it is the one named
        if detail in seeded:
            assert any(seeded[detail] in str(row.values()) for row in check["culprits"])
