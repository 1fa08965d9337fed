"""What settings say about the DAGs: whether the clock starts them, which workers run them.

Read by the DAG files, so it imports nothing heavy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

from warehouse.landing.errors import SettingError


def schedules_are_on() -> bool:
    """Whether DAGs start by the clock. With ``O2O_SCHEDULES=off`` only people, programs and
    updated assets start them. Raises SettingError for any other value than on and off."""
    value = os.environ.get("O2O_SCHEDULES", "").strip() or "on"
    if value not in ("on", "off"):
        raise SettingError(f"O2O_SCHEDULES is {value!r}: set it to on or off")
    return value == "on"


def alerts(boundary: Literal["", "landing", "marts"] = "") -> dict[str, Callable[[Any], None]]:
    """Airflow's arguments for a task whose end is told to its owner: that it failed after its last
    try, and that it works again. ``boundary``: it judges this one, whose checks have owners, too.
    """

    def failed(context: Any) -> None:
        from o2o.pipeline.airflow_tasks import tell_failure

        tell_failure(context, boundary)

    def succeeded(context: Any) -> None:
        from o2o.pipeline.airflow_tasks import tell_success

        tell_success(context, boundary)

    return {"on_failure_callback": failed, "on_success_callback": succeeded}


def run_alerts() -> dict[str, Callable[[Any], None]]:
    """Airflow's arguments for a DAG whose runs' failures are told, also where a task was killed
    and could not tell of its own."""

    def failed(context: Any) -> None:
        from o2o.pipeline.airflow_tasks import tell_run_failure

        tell_run_failure(context)

    def succeeded(context: Any) -> None:
        from o2o.pipeline.airflow_tasks import tell_run_success

        tell_run_success(context)

    return {"on_failure_callback": failed, "on_success_callback": succeeded}


def warehouse_tasks() -> dict[str, str]:
    """Airflow's arguments for every task of ``transform`` and ``publish``.

    One pool slot: a single task writes or reads the warehouse at a time. On DuckDB the warehouse is
    a file, so where several machines work, ``O2O_WAREHOUSE_QUEUE`` names the queue of the one that
    has it; unset, the executor's own default queue takes them.
    """
    queue = os.environ.get("O2O_WAREHOUSE_QUEUE", "").strip()
    return {"pool": "warehouse", **({"queue": queue} if queue else {})}
