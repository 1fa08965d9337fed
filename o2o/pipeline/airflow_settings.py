"""What settings say about the DAGs: whether the clock starts them, which workers run them.

Read by the DAG files, so it imports nothing heavy.
"""

from __future__ import annotations

import os

from warehouse.landing.errors import SettingError


def schedules_are_on() -> bool:
    """Whether DAGs start by the clock. With ``O2O_SCHEDULES=off`` only people, programs and
    updated assets start them. Raises SettingError for any other value than on and off."""
    value = os.environ.get("O2O_SCHEDULES", "").strip() or "on"
    if value not in ("on", "off"):
        raise SettingError(f"O2O_SCHEDULES is {value!r}: set it to on or off")
    return value == "on"


def warehouse_tasks() -> dict[str, str]:
    """Airflow's arguments for every task of ``transform`` and ``publish``.

    One pool slot: a single task writes or reads the warehouse at a time. On DuckDB the warehouse is
    a file, so where several machines work, ``O2O_WAREHOUSE_QUEUE`` names the queue of the one that
    has it; unset, the executor's own default queue takes them.
    """
    queue = os.environ.get("O2O_WAREHOUSE_QUEUE", "").strip()
    return {"pool": "warehouse", **({"queue": queue} if queue else {})}
