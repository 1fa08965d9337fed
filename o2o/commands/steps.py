"""``o2o build``, ``audit``, ``publish``, ``pull``, ``experiments``: the pipeline by hand."""

from __future__ import annotations

from typing import Annotated, cast

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from o2o.commands.terminal import clear_errors, done, err, out, warn
from o2o.pipeline import audit, build, publish, remote_copy
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths
from o2o.steps import experiment_plan, stages
from warehouse.landing.zone import Landing


def build_command(
    full_refresh: Annotated[
        bool, typer.Option(help="Rebuild every model from all that was ever landed.")
    ] = False,
    select: Annotated[
        str | None, typer.Option(help="Build only these models (dbt's syntax).")
    ] = None,
) -> None:
    """Build and test every model from what was landed."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with clear_errors(), Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("starting dbt", total=None)

        def on_node(node: build.NodeResult, total: int) -> None:
            progress.update(bar, description=node.name, total=total, advance=1)

        paths = Paths.from_env()
        result = build.build(paths, full_refresh=full_refresh, select=select, on_node=on_node)
    models, tests = result.count("model"), result.count("test", "pass")
    done(f"{models} models built, {tests} tests passed")
    for node in result.nodes:
        if node.status == "warn":
            warn(escape(f"test {node.name}: {node.message}"))


def audit_command(
    boundary: Annotated[str, typer.Argument(help="What to audit: landing or marts.")],
) -> None:
    """Audit the landed files or the marts, and write the owners' report."""
    if boundary not in audit.BOUNDARIES:
        raise typer.BadParameter(f"{boundary!r} is neither {' nor '.join(audit.BOUNDARIES)}")
    with clear_errors():
        paths = Paths.from_env()
        with remote_copy.kept(paths, compares=boundary == "marts"):
            result = audit.audit(paths, cast(audit.Boundary, boundary))
        for check in result.warned:
            warn(escape(f"{check.title} ({check.name}; owner {check.owner})"))
        for words in result.not_compared:
            out.print(words, highlight=False, markup=False, soft_wrap=True)
        for check in result.checks:
            for words in check.accepted:
                out.print(f"{check.name}: {words}", highlight=False, markup=False, soft_wrap=True)
        passed = len(result.checks) - len(result.warned)
        done(f"{passed} of {len(result.checks)} checks passed")
        out.print(f"report: {paths.reports / 'index.html'}", highlight=False, soft_wrap=True)


def publish_command() -> None:
    """Publish the audited marts to their readers, in one atomic swap."""
    with clear_errors():
        paths = Paths.from_env()
        with remote_copy.kept(paths, publication=True):
            published = publish.publish(open_warehouse(paths), paths.reports, paths.published)
        _tell(published, paths)


def pull_command() -> None:
    """Copy the reports and the publication from O2O_STATE_URL to this machine."""
    with clear_errors():
        paths = Paths.from_env()
        published = remote_copy.pull(paths)
        if published is None:
            out.print(f"Nothing has been published at {paths.state_url} yet.", soft_wrap=True)
        else:
            _tell(published, paths)


def experiments_command() -> None:
    """Fetch the plan of experiments and land it, as each build does."""
    with clear_errors():
        is_planned = experiment_plan.is_planned()
    if not is_planned:
        raise typer.BadParameter(
            f"no plan of experiments is named: set {experiment_plan.SETTING}, or experiments in"
            " company.yml (docs/lift.md)"
        )
    with clear_errors():
        landing = Landing(Paths.from_env().landing_url)
        landing.ensure_stream(stages.SOURCE, stages.PLAN)
        rows = stages.land(stages.PLAN, experiment_plan.plan(), landing)
    done(f"{rows:,} rows of the plan of experiments landed")


def _tell(published: publish.Publication, paths: Paths) -> None:
    rows = sum(published.tables.values())
    done(f"{len(published.tables)} marts with {rows:,} rows in {paths.published}")
