"""A Spark cluster on this machine: a standalone master and two workers, each its own process."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
# Java for minutes, not for days. So it would keep 48 MB of compiled code, and a build has more; and
# it would look for garbage five times on the way to the 150 MB that Spark's classes need.
QUICK = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=192m -XX:MetaspaceSize=256m"
)
MASTER = re.compile(r"Starting Spark master at (spark://\S+)")


@contextmanager
def running(folder: Path) -> Iterator[Path]:
    """Start the cluster with its files in ``folder``; yields the folder for ``SPARK_CONF_DIR``.

    One core and half a gigabyte per worker: what is tested is that work moves between machines.
    """
    conf = folder / "conf"
    conf.mkdir(parents=True)
    with ExitStack() as stack:
        address = stack.enter_context(
            _daemon(folder, "master", "deploy.master.Master", "--port", "0", says=MASTER)
        )
        for name in ("worker-1", "worker-2"):
            arguments = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / name))
            stack.enter_context(
                _daemon(
                    folder,
                    name,
                    "deploy.worker.Worker",
                    *arguments,
                    address,
                    says=re.compile(r"Successfully registered with master (\S+)"),
                )
            )
        settings = {
            "spark.master": address,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
            # What a plan leaves is garbage at once: with space for it, the rest is searched seldom.
            # And a catalog of minutes need not wait for the disk.
            "spark.driver.extraJavaOptions": f"{QUICK} -Xms2g -Xmn900m"
            " -Dderby.system.durability=test",
            "spark.executor.cores": "1",
            "spark.executor.memory": "1g",
            "spark.executor.extraJavaOptions": QUICK,
            # A few thousand rows: compiling and planning cost more than they save.
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.ui.explainMode": "simple",  # nobody reads the plans
            # Without checksums beside each file, each of which costs a process for its permissions.
            "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
            "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        }
        lines = [f"{name} {value}" for name, value in settings.items()]
        (conf / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
        yield conf


@contextmanager
def _daemon(
    folder: Path, name: str, what: str, *arguments: str, says: re.Pattern[str]
) -> Iterator[str]:
    """Run one of Spark's servers until the context ends; yields what its log says by ``says``."""
    log = folder / f"{name}.log"
    command = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.{what}"]
    command += ["--host", "127.0.0.1", "--webui-port", "0", *arguments]
    environment = {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while not (found := says.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        yield found.group(1)
    finally:
        process.terminate()
        process.wait()
