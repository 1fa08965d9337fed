"""Spark, as this process uses it: the driver runs here, the work wherever its master is.

Everything that a cluster's owner may set (``spark-defaults.conf``, ``PYSPARK_SUBMIT_ARGS``) wins,
except what would change a result. PySpark is an optional extra, so it is imported inside the
functions.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from identifiers.functions import register_in_spark
from warehouse.engines.warehouse import SCHEMAS, WarehouseError

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

# What would change a figure is not left to a cluster's defaults.
_FORCED = {
    "spark.sql.session.timeZone": "UTC",  # another zone moves events to other days
    "spark.sql.sources.partitionOverwriteMode": "dynamic",  # static empties all other days
    "spark.sql.ansi.enabled": "true",  # an overflow or a bad cast is an error, not a NULL
}
_DEFAULTS = {
    "spark.master": "local[*]",
    "spark.app.name": "o2o",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
}
# Of each query Spark keeps its plan and figures, a thousand of each: hundreds of megabytes of the
# driver's memory by the end of a build, for pages that nobody can open without its UI.
_WITHOUT_UI = {
    "spark.sql.ui.retainedExecutions": "10",
    "spark.ui.retainedJobs": "50",
    "spark.ui.retainedStages": "50",
    "spark.ui.retainedTasks": "1000",
}
# Any of these names a catalog of the user's own; otherwise an embedded one lies beside the tables.
_METASTORES = (
    "spark.hadoop.hive.metastore.uris",
    "spark.hadoop.javax.jdo.option.ConnectionURL",
    "spark.sql.catalog.spark_catalog.uri",
)
_REWRITING = "__rewriting"  # ends the name of a table that another is being overwritten with
_DERBY = "jdbc:derby:;databaseName="


def session(warehouse_url: str) -> SparkSession:
    """The process's Spark session, made on the first call; its tables lie under ``warehouse_url``.

    ``O2O_SPARK_MASTER`` names the cluster, else Spark's own settings do, else this machine is it.
    Raises ``WarehouseError`` if PySpark or Java is missing, the cluster does not answer, another
    process holds the embedded metastore, or this process already works on another warehouse.
    """
    pyspark = _pyspark()
    # Workers read names and numbers as this process does: with this package, at the same place.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if pyspark.SparkContext._active_spark_context is not None:
        running = SparkSession.builder.config(map=_FORCED).enableHiveSupport().getOrCreate()
        located = running.conf.get("spark.sql.warehouse.dir") or ""
        if folder_url(located) != folder_url(warehouse_url):
            raise WarehouseError(
                f"This process already works on the Spark warehouse {located}: close it before"
                f" opening {warehouse_url}."
            )
        return running
    # A JVM that is left to itself holds the metastore for seconds after this process has ended.
    atexit.register(close)
    try:
        conf = _conf(pyspark, warehouse_url)
        made = SparkSession.builder.config(conf=conf).enableHiveSupport().getOrCreate()
        made.catalog.databaseExists("default")  # opens the metastore: its trouble shows here
        register_in_spark(made)
    except (PySparkException, Py4JError, OSError) as error:
        explained = _explained(error, warehouse_url)  # first: without its JVM it has no words
        close()
        raise explained from None
    return made


def close() -> None:
    """Stop the session and its JVM, which frees the memory and the embedded metastore's lock."""
    try:
        from pyspark import SparkContext
    except ImportError:
        return
    if (context := SparkContext._active_spark_context) is not None:
        context.stop()
    gateway = SparkContext._gateway
    if gateway is not None:
        SparkContext._gateway = SparkContext._jvm = None
        process = gateway.proc
        gateway.shutdown()
        if process is not None:
            process.stdin.close()  # the JVM lives as long as this pipe
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:  # it waits for a cluster that is gone
                process.kill()
                process.wait()


def tell(running: SparkSession, name: str, value: str) -> None:
    """Give a session a variable, which its SQL reads as ``session.<name>``: a secret that has no
    business in the text of a query."""
    with told():
        running.sql(f"declare or replace variable {name} string default :value", {"value": value})


def sweep(running: SparkSession) -> list[str]:
    """Remove what killed builds left: folders in our schemas that no table of the catalog owns.
    And complete what a killed ``rewrite`` began.

    Spark refuses to create a table whose folder exists. To be called by the one who may write.
    A schema that somebody has given a place of its own is left alone. Returns the removed folders.
    """
    removed = []
    with told():
        for schema in SCHEMAS:
            if running.catalog.databaseExists(schema):
                removed += _sweep(running, schema)
                for row in running.sql(f"show tables in {schema}").collect():
                    if row.tableName.endswith(_REWRITING):
                        _overwrite(running, schema, row.tableName.removesuffix(_REWRITING))
    return removed


def rewrite(running: SparkSession, schema: str, table: str, query: str) -> None:
    """Overwrite a table with what a query, most likely of itself, finds.

    A table of plain files has no transactions: so the rows are first written into a table beside
    it. Killed at any moment, one of the two is whole, and ``sweep``, which comes before whoever
    writes next, completes it.
    """
    with told():
        # Its name is in the catalog only once all of its rows are written.
        running.sql(f"create table {schema}.`{table}{_REWRITING}` using parquet as {query}")
        _overwrite(running, schema, table)


def _overwrite(running: SparkSession, schema: str, table: str) -> None:
    source = f"{schema}.`{table}{_REWRITING}`"
    running.table(source).write.insertInto(f"{schema}.`{table}`", overwrite=True)
    running.sql(f"drop table {source}")


def _sweep(running: SparkSession, schema: str) -> list[str]:
    location = running.catalog.getDatabase(schema).locationUri
    own_place = f"{folder_url(running.conf.get('spark.sql.warehouse.dir') or '')}/{schema}.db"
    filesystem, place = hadoop(running, location)
    if folder_url(location) != own_place or not filesystem.exists(place):
        return []
    tables = {row.tableName for row in running.sql(f"show tables in {schema}").collect()}
    candidates = [
        status.getPath()
        for status in filesystem.listStatus(place)
        if status.isDirectory() and status.getPath().getName().lower() not in tables
    ]
    if not candidates:
        return []
    # A table may lie in a folder of another name.
    owned = [
        row.data_type
        for table in tables
        for row in running.sql(f"describe table extended {schema}.`{table}`").collect()
        if row.col_name == "Location"
    ]
    owners = [str(hadoop(running, location)[1].toUri().getPath()) for location in owned]
    removed = []
    for folder in candidates:
        path = folder.toUri().getPath()
        if not any(owner == path or owner.startswith(f"{path}/") for owner in owners):
            filesystem.delete(folder, True)
            removed.append(folder.toString())
    return removed


def local_path(url: str) -> Path | None:
    """The local folder behind a URL or path; None if it is on another machine."""
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return Path(unquote(parts.path) if parts.scheme else url).resolve()
    return None


def hadoop(running: SparkSession, url: str) -> tuple[Any, Any]:
    """Hadoop's filesystem for a URL, and the URL as its path: what Spark can reach, this can."""
    context = running.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(url)
    return path.getFileSystem(context._jsc.hadoopConfiguration()), path


@contextmanager
def told() -> Iterator[None]:
    """Spark's errors as ours, in Spark's own words. Spark raises late: when rows are asked for."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise WarehouseError(str(error)) from error


def _pyspark() -> Any:
    # No table of ours goes through pandas.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        import pyspark
    except ImportError as error:
        raise WarehouseError(
            "O2O_ENGINE is spark, but PySpark is not installed: install the extra `spark`"
            " (pip install 'o2o-warehouse[spark]')."
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise WarehouseError("Spark needs Java 17 or newer: install it, or set JAVA_HOME.")
    return pyspark


def _conf(pyspark: Any, warehouse_url: str) -> SparkConf:
    """Spark's settings: the user's where there are any, ours where they matter or none are."""
    master = os.environ.get("O2O_SPARK_MASTER")
    at_start = pyspark.SparkConf(loadDefaults=False)
    at_start.set("spark.ui.showConsoleProgress", "false")  # PySpark's shell turns it on
    if master:
        at_start.setMaster(master)
    # spark-submit reads the user's files; only then can be seen what they leave open.
    pyspark.SparkContext._ensure_initialized(conf=at_start)
    conf: SparkConf = pyspark.SparkConf()
    # Without a name of its own, an application is called after PySpark's shell.
    if conf.get("spark.app.name", None) == "pyspark-shell":
        conf.setAppName("o2o")
    for name, value in _DEFAULTS.items():
        conf.setIfMissing(name, value)
    if conf.get("spark.ui.enabled") == "false":
        for name, value in _WITHOUT_UI.items():
            conf.setIfMissing(name, value)
    for name, value in _FORCED.items():
        conf.set(name, value)
    conf.set("spark.sql.warehouse.dir", folder_url(warehouse_url))
    if not any(conf.contains(name) for name in _METASTORES) and not _hive_site():
        _embed_metastore(conf, pyspark.SparkContext._jvm, warehouse_url)
    return conf


def _embed_metastore(conf: SparkConf, jvm: Any, warehouse_url: str) -> None:
    folder = local_path(warehouse_url)
    if folder is None:
        raise WarehouseError(
            f"The Spark warehouse {warehouse_url} is not on this machine, so it needs a catalog"
            " that all machines reach: set spark.hadoop.hive.metastore.uris (or another catalog)"
            " in spark-defaults.conf."
        )
    folder.mkdir(parents=True, exist_ok=True)
    conf.set(
        "spark.hadoop.javax.jdo.option.ConnectionURL",
        f"{_DERBY}{folder / 'metastore'};create=true",
    )
    conf.set("spark.hadoop.hive.metastore.warehouse.dir", folder_url(warehouse_url))
    jvm.java.lang.System.setProperty("derby.stream.error.file", str(folder / "derby.log"))
    # Where it fails, the error says so; its log would bury that under thousands of lines.
    logging = jvm.org.apache.logging.log4j
    for logger in ("DataNucleus", "org.apache.hadoop.hive"):
        logging.core.config.Configurator.setLevel(logger, logging.Level.OFF)


def _hive_site() -> bool:
    """A hive-site.xml where Spark looks for one: it names the metastore."""
    folders = [os.environ.get(name) for name in ("SPARK_CONF_DIR", "HADOOP_CONF_DIR")]
    if home := os.environ.get("SPARK_HOME"):
        folders.append(f"{home}/conf")
    return any(folder and Path(folder, "hive-site.xml").exists() for folder in folders)


def folder_url(url: str) -> str:
    """One spelling for a folder's URL: local ones as file:/path, none with a slash at its end."""
    folder = local_path(url)
    return f"file:{folder}" if folder is not None else url.rstrip("/")


def _explained(error: Exception, warehouse_url: str) -> WarehouseError:
    text = str(error)
    # What Derby says is among the causes of the causes.
    text += str(getattr(error, "_stackTrace", ""))
    if "already booted the database" in text:
        return WarehouseError(
            f"The Spark warehouse {warehouse_url} is open in another process, most likely a build:"
            " its embedded catalog serves one at a time. Wait for it to end and try again, or give"
            " Spark a metastore that many can use (spark.hadoop.hive.metastore.uris)."
        )
    first = next((line for line in text.splitlines() if line.strip()), type(error).__name__)
    return WarehouseError(
        f"Spark could not be started for {warehouse_url}: {first} Look at O2O_SPARK_MASTER, at"
        " spark-defaults.conf and at Spark's own output above."
    )
