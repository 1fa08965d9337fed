"""Whatever a test imports, nothing lands in the home folder or in the project's run folder."""

from __future__ import annotations

import os
import tempfile

import pytest

_RUN_FOLDER = tempfile.mkdtemp(prefix="o2o-tests-")
os.environ["AIRFLOW_HOME"] = f"{_RUN_FOLDER}/airflow"
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["O2O_HOME"] = f"{_RUN_FOLDER}/o2o"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, so that no process is left alone with them at the end."""
    items.sort(key=lambda item: "e2e" not in item.keywords)
