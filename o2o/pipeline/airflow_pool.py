"""Which Airflow workers may run what opens the warehouse.

Read by the DAG files, so it imports nothing heavy.
"""

from __future__ import annotations

import os


def warehouse_tasks() -> dict[str, str]:
    """Airflow's arguments for every task of ``transform`` and ``publish``.

    One pool slot: a single task writes or reads the warehouse at a time. On DuckDB the warehouse is
    a file, so where several machines work, ``O2O_WAREHOUSE_QUEUE`` names the queue of the one that
    has it; unset, the executor's own default queue takes them.
    """
    queue = os.environ.get("O2O_WAREHOUSE_QUEUE", "").strip()
    return {"pool": "warehouse", **({"queue": queue} if queue else {})}
