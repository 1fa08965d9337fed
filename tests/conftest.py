"""Whatever a test imports, nothing lands in the home folder or in the project's run folder."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import parsed
from tests.object_store import ObjectStore, running

_RUN_FOLDER = tempfile.mkdtemp(prefix="o2o-tests-")
os.environ["AIRFLOW_HOME"] = f"{_RUN_FOLDER}/airflow"
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["O2O_HOME"] = f"{_RUN_FOLDER}/o2o"
os.environ.pop("O2O_COMPANY", None)  # what a developer's own company says is no matter of the tests

# No test goes by a clock: a busy machine is no fault.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# The first process makes it, for all that it starts.
if parsed.FOLDER not in os.environ:
    os.environ[parsed.FOLDER] = tempfile.mkdtemp(prefix="o2o-parsed-")
    atexit.register(shutil.rmtree, os.environ[parsed.FOLDER], ignore_errors=True)

# A process of pytest-xdist has no main file. PySpark, if it is installed, takes that for doctests
# and ends the process as soon as Great Expectations imports it.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, so that no process is left alone with them at the end; first of all
    those of whole warehouses, which begin with a world that one process makes for all."""
    items.sort(key=lambda item: ("e2e" not in item.keywords, "end_to_end" not in item.path.parts))


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An S3 server of this test process, on loopback."""
    with running() as store:
        yield store


@pytest.fixture
def bucket(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket; the environment says how to get at it."""
    for name, value in object_store.environment().items():
        monkeypatch.setenv(name, value)
    return object_store.new_bucket()
