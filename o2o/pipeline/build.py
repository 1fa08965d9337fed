"""Run the dbt project: landing in, marts out.

dbt runs inside this process, so that whatever kills the process (an operator, the kernel, Airflow)
also frees the warehouse file: a child left behind would keep its lock.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from o2o import company
from o2o.errors import O2OError
from o2o.pipeline import project, upgrade
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.identity_key import check, identity_key
from o2o.pipeline.paths import Paths
from o2o.shown import shown
from o2o.steps import experiment_plan, stages
from o2o.steps.stages import STAGES
from warehouse.engines import spark
from warehouse.engines.warehouse import NoWarehouse, WarehouseError
from warehouse.files import private
from warehouse.landing.zone import Landing

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node (model, seed, test or unit test)."""

    unique_id: str
    kind: str
    name: str
    status: str
    seconds: float
    message: str
    layer: str = ""  # the folder of the dbt project that it stands in: staging, marts, …

    @property
    def failed(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


@dataclass(frozen=True)
class Layer:
    """Models and tests of a layer, the seconds of all its nodes together, and the longest."""

    name: str
    models: int
    tests: int
    seconds: float
    longest: str


@dataclass(frozen=True)
class BuildResult:
    """All nodes of one ``dbt build``, in the order in which they ended."""

    nodes: tuple[NodeResult, ...]

    def layers(self) -> list[Layer]:
        """What each layer took, in the order in which they were built."""
        found: dict[str, list[NodeResult]] = {}
        for node in self.nodes:
            found.setdefault(node.layer, []).append(node)
        return [
            Layer(
                name,
                sum(node.kind == "model" for node in nodes),
                sum(node.kind == "test" for node in nodes),
                round(sum(node.seconds for node in nodes), 1),
                max(nodes, key=lambda node: node.seconds).name,
            )
            for name, nodes in found.items()
        ]

    def count(self, kind: str, status: str | None = None) -> int:
        return sum(n.kind == kind and status in (None, n.status) for n in self.nodes)


class BuildFailed(O2OError):
    """dbt ended with failed nodes, or could not start. The warehouse keeps what had succeeded."""


def build(
    paths: Paths,
    *,
    full_refresh: bool = False,
    select: str | None = None,
    on_node: Callable[[NodeResult, int], None] | None = None,
) -> BuildResult:
    """Build and test every model from the landed files.

    With ``select`` (dbt's syntax) only what it names; what is computed outside of SQL then stays as
    it was. ``on_node`` is told of each node that ends and how many there are in all.
    Raises ``BuildFailed``, naming each failed node and dbt's reason; ``IdentityKeyError`` if the
    key is not the one that the warehouse was built with.
    """
    landing = Landing(paths.landing_url)
    with landing.private(), private(paths.warehouse.parent, paths.dbt_target.parent):
        return _build_all(paths, landing, full_refresh, select, on_node)


def _build_all(
    paths: Paths,
    landing: Landing,
    full_refresh: bool,
    select: str | None,
    on_node: Callable[[NodeResult, int], None] | None,
) -> BuildResult:
    for connection in company.load().landing.values():
        for stream in connection.streams:
            landing.ensure_stream(connection.name, stream.name)
    for each in chain.from_iterable(STAGES):
        landing.ensure_stream(stages.SOURCE, each.stream)
    for name in (stages.PLAN, stages.COMPANY, stages.ACCEPTED):
        landing.ensure_stream(stages.SOURCE, name)

    nodes: list[NodeResult] = []
    done: list[str] = []
    with (
        one_writer(paths),
        _one_session(paths),
        _project(paths, on_node) as dbt,
        _taking_over(paths) as why,
    ):
        if why and select:
            raise BuildFailed(f"{why}; run o2o build, without --select, once.")
        if why:
            log.warning("%s", why)
            full_refresh = True
        _read_plan(landing)
        stages.land(stages.COMPANY, company.load().own_rows(), landing)
        for stage in STAGES if select is None else ():
            wanted = [each for each in stage if each.is_on()]
            if not wanted:
                continue
            models = [f"+{each.reads}" for each in wanted]
            nodes += _build(dbt, paths, full_refresh, models, done)
            done += models
            with _engine(paths), open_warehouse(paths).reading() as reader:
                for each in wanted:
                    stages.land(each.stream, each.compute(reader), landing)
        nodes += _build(dbt, paths, full_refresh, [select] if select else [], done)
    return BuildResult(tuple(nodes))


@contextmanager
def _taking_over(paths: Paths) -> Iterator[str]:
    """Why all of the warehouse must be built anew, because another version built it; or nothing.

    A table that was made too long ago cannot be gone on from, not even to carry customers over.
    """
    with _engine(paths):
        why = upgrade.why_anew(upgrade.built_by(open_warehouse(paths)))
    try:
        yield why
    except BuildFailed as error:
        if not why:
            raise
        place = paths.spark_warehouse_url if paths.engine == "spark" else paths.warehouse
        raise BuildFailed(
            f"{error}\n{why[0].upper()}{why[1:]}. If that is what failed, move {place} away and run"
            " o2o build: it makes all of it from the landing zone, and customers get other ids."
        ) from error


def _read_plan(landing: Landing) -> None:
    """Land the plan of experiments as it is now. A sheet that does not answer does not hold up the
    marts: the plan of before stands."""
    if experiment_plan.is_planned():
        try:
            stages.land(stages.PLAN, experiment_plan.plan(), landing)
        except experiment_plan.PlanOutOfReach as error:
            log.warning("%s; going on with the plan of before", error)


@contextmanager
def _project(
    paths: Paths, on_node: Callable[[NodeResult, int], None] | None
) -> Iterator[dbtRunner]:
    """The dbt project, read once for all parts of the build."""
    # Imported here: dbt takes two seconds that a DAG file or `o2o --help` need not pay.
    from dbt.cli.main import dbtRunner

    with _told(paths) as tell:
        callbacks = [tell, _listener(on_node)] if on_node else [tell]
        manifest: Any = _invoke(dbtRunner(callbacks=callbacks), paths, ["parse"]).result
        # What dbt has read stays to the end: the garbage collector need not look through it.
        gc.freeze()
        try:
            yield dbtRunner(manifest=manifest, callbacks=callbacks)
        finally:
            gc.unfreeze()


def _build(
    dbt: dbtRunner, paths: Paths, full_refresh: bool, select: list[str], exclude: list[str]
) -> list[NodeResult]:
    """One ``dbt build``."""
    # Unit tests try the logic on made-up rows: that is the business of `make test`. Exposures
    # only tell who reads.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    arguments += ["--exclude-resource-type", "exposure"]
    arguments += ["--full-refresh"] if full_refresh else []
    # Nothing is built, or tested, of a vendor that the company does not use.
    exclude = [*exclude, *project.unused(company.load().connections.values())]
    # A test is run only if all that it reads is built, and left out only if all of that is.
    arguments += ["--indirect-selection", "cautious"] if select or exclude else []
    arguments += ["--select", *select] if select else []
    arguments += ["--exclude", *exclude] if exclude else []
    with _engine(paths):
        outcome = _invoke(dbt, paths, arguments)
    nodes = [_node_result(r) for r in getattr(outcome.result, "results", None) or ()]
    failures = [n for n in nodes if n.failed]
    if failures or not outcome.success:
        lines = "\n".join(f"  {n.kind} {n.name}: {' '.join(n.message.split())}" for n in failures)
        raise BuildFailed(
            f"{len(failures)} of {len(nodes)} dbt nodes failed; nothing will be published.\n{lines}"
        )
    return nodes


def _invoke(dbt: dbtRunner, paths: Paths, arguments: list[str]) -> dbtRunnerResult:
    folder = str(project.PROJECT_DIR)
    common = ["--project-dir", folder, "--profiles-dir", folder]
    common += ["--target-path", str(paths.dbt_target)]
    common += ["--vars", json.dumps(company.load().variables())]
    # Nobody reads dbt's own account of the run, and writing it costs more than most models.
    common += ["--no-write-json", "--log-level", "none", "--log-level-file", "none"]
    common += ["--no-use-colors"]
    # It makes this folder all the same, in the current one if it is not told another.
    common += ["--log-path", str(paths.dbt_log.parent)]
    with project.environment(_settings(paths)):
        outcome = dbt.invoke([*arguments, *common])
    if outcome.exception is not None:
        raise BuildFailed(f"dbt could not run: {outcome.exception}") from outcome.exception
    return outcome


@contextmanager
def _told(paths: Paths) -> Iterator[Callable[[Any], None]]:
    """Writes what dbt tells of a build to its log, but for what only dbt's developers read."""
    paths.dbt_log.parent.mkdir(parents=True, exist_ok=True)
    with paths.dbt_log.open("w", encoding="utf-8") as file:

        def tell(event: Any) -> None:
            if event.info.level != "debug" and event.info.msg:
                time = event.info.ts.ToJsonString()
                file.write(f"{time} {event.info.level:5} {shown(event.info.msg)}\n")
                file.flush()

        yield tell


@contextmanager
def one_writer(paths: Paths) -> Iterator[None]:
    """Hold the warehouse for one process: DuckDB lets only one write.

    Raises ``BuildFailed`` at once if somebody else holds it: waiting here would hide the holder.
    """
    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(paths.warehouse) + ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BuildFailed(
            f"the warehouse {paths.warehouse} is being written by another process; "
            "wait for its build to end, then run again"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _settings(paths: Paths) -> dict[str, str]:
    return project.settings(
        paths.engine,
        str(paths.warehouse),
        _landing(paths),
        identity_key(paths),
        company.load().connections.values(),
    )


def _landing(paths: Paths) -> str:
    """Where dbt's engine finds the loads. A bare path is, to Spark, one of its default filesystem,
    which on a cluster is seldom this machine's."""
    local = spark.local_path(paths.landing_url) if paths.engine == "spark" else None
    return local.as_uri() if local else paths.landing_url


@contextmanager
def _one_session(paths: Paths) -> Iterator[None]:
    """On Spark all parts of a build share a session: to start one, with its workers, takes as long
    as many a part. It ends before the warehouse is another process's to open."""
    try:
        yield
    finally:
        if paths.engine == "spark":
            spark.close()


@contextmanager
def _engine(paths: Paths) -> Iterator[None]:
    """What dbt's adapter needs from its engine before the build, and leaves to it afterwards."""
    from dbt.adapters.factory import cleanup_connections, reset_adapters

    try:
        if paths.engine == "spark":
            # dbt's adapter works in the session that is there.
            running = spark.session(paths.spark_warehouse_url)
            spark.sweep(running)
            spark.tell(running, "o2o_identity_key", identity_key(paths))
        with suppress(NoWarehouse), open_warehouse(paths).reading() as reader:
            check(reader, identity_key(paths))
        yield
    except WarehouseError as error:
        raise BuildFailed(str(error)) from error
    finally:
        # The adapters keep the warehouse open until the interpreter ends; audit and publish come
        # before.
        cleanup_connections()  # type: ignore[no-untyped-call]
        reset_adapters()  # type: ignore[no-untyped-call]
        if paths.engine != "spark":
            from dbt.adapters.duckdb.connections import DuckDBConnectionManager

            # dbt forgets its connection without closing it: the file stays open until that is
            # collected, whenever that is.
            environment: Any = DuckDBConnectionManager._ENV
            if environment is not None:
                environment.close()
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _node_result(result: Any) -> NodeResult:
    node = result.node
    return NodeResult(
        unique_id=node.unique_id,
        kind=str(node.resource_type),
        name=node.name,
        status=str(result.status),
        seconds=float(result.execution_time),
        message=result.message or "",
        layer=node.fqn[1] if node.resource_type == "model" else f"{node.resource_type}s",
    )


def _listener(on_node: Callable[[NodeResult, int], None]) -> Callable[[Any], None]:
    # dbt calls the number of nodes by two names.
    totals = {"LogModelResult": "total", "LogSeedResult": "total", "LogTestResult": "num_models"}

    def listen(event: Any) -> None:
        if event.info.name not in totals:
            return
        info = event.data.node_info
        on_node(
            NodeResult(
                unique_id=info.unique_id,
                kind=info.resource_type,
                name=info.node_name,
                status=str(event.data.status),
                seconds=float(event.data.execution_time),
                message="",
            ),
            int(getattr(event.data, totals[event.info.name])),
        )

    return listen
