"""What a simulated vendor declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.vendors.core.state import Simulation
from demo.vendors.core.wire import Call, Problem, Reply

Handler = Callable[[Simulation, Call], Reply]


@dataclass(frozen=True)
class Vendor:
    """One simulated vendor: its routes below its prefix and how it words problems.

    ``credentials`` gives what an Airflow connection to it holds beside the host, which is passed
    in: ``login``, ``password``, ``extra``. None of it is a secret.
    """

    name: str
    routes: tuple[tuple[str, str, Handler], ...]
    refuse: Callable[[Problem], Reply]
    credentials: Callable[[str], dict[str, Any]]
    token_of: Callable[[Call], str] = lambda call: call.bearer
    tokens_expire: bool = True
