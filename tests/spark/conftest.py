from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def spark_conf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """``SPARK_CONF_DIR`` of a running cluster of two workers."""
    from tests.spark import cluster

    with cluster.running(tmp_path_factory.mktemp("cluster")) as conf:
        yield conf
