"""Judge one boundary and tell the owners: the verdict as JSON, Data Docs and the report page."""

from __future__ import annotations

from typing import Any, get_args

from expectations import runner
from o2o import company
from o2o.errors import O2OError
from o2o.pipeline import publish, quarantine
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths
from o2o.report import page
from warehouse.landing.zone import Landing

Boundary = runner.Boundary
BOUNDARIES: tuple[str, ...] = get_args(Boundary)


class AuditFailed(O2OError):
    """A check of severity ``fail`` did not pass; ``result`` holds the whole verdict."""

    def __init__(self, result: runner.AuditResult, page: str) -> None:
        self.result = result
        listed = "\n".join(
            f"  - {check.title} ({check.name}; owner {check.owner})" for check in result.failed
        )
        super().__init__(
            f"{len(result.failed)} of {len(result.checks)} checks of the {result.boundary} must "
            f"pass and did not. Readers keep the last good publication.\n{listed}\n"
            f"Both totals, the gap and the records behind it: {page}"
        )


def audit(paths: Paths, boundary: Boundary) -> runner.AuditResult:
    """Run the boundary's checks and write all reports, whatever the verdict.

    Raises ``AuditFailed`` if a check of severity ``fail`` did not pass, ``runner.AuditError`` if
    there is nothing to judge.
    """
    ours = company.load()
    if boundary == "landing":
        landing = Landing(paths.landing_url)
        result = runner.run_landing(
            landing,
            paths.reports,
            ours.landing,
            ours.checks,
            ours.accepted,
            quarantine.accepted_elements(landing),
        )
    else:
        result = runner.run_marts(
            open_warehouse(paths),
            paths.reports,
            ours.connections,
            page.page_facts,
            ours.checks,
            ours.accepted,
            before=paths.published,
        )
    written = page.write(
        paths.reports, publish.manifest_path(paths.published), ours.owners, ours.endings()
    )
    if result.failed:
        raise AuditFailed(result, str(written))
    return result


def summary(result: runner.AuditResult) -> dict[str, Any]:
    """The verdict in a few plain values, for Airflow's asset events and the terminal."""
    return {
        "boundary": result.boundary,
        "verdict": result.verdict,
        "checks": len(result.checks),
        "failed": [check.name for check in result.failed],
        "warned": [check.name for check in result.warned],
    }
