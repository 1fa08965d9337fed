"""Whatever a test imports, nothing lands in the home folder or in the project's run folder."""

from __future__ import annotations

import os
import tempfile

_RUN_FOLDER = tempfile.mkdtemp(prefix="o2o-tests-")
os.environ["AIRFLOW_HOME"] = f"{_RUN_FOLDER}/airflow"
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["O2O_HOME"] = f"{_RUN_FOLDER}/o2o"
