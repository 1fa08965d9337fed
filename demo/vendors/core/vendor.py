"""What a simulated vendor declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.vendors.core.state import Simulation
from demo.vendors.core.wire import Call, Problem, Reply

Handler = Callable[[Simulation, Call], Reply]


@dataclass(frozen=True)
class Record:
    """What a vendor's record is in the world, so that a score can hold it against the truth.

    ``truth``: its kind in the truth (``system`` of its identifiers, ``kind`` of its conversions).
    ``id_sql``: the vendor's id as text, as SQL over the world's, ``record_id``.
    """

    truth: str
    id_sql: str = "record_id"


@dataclass(frozen=True)
class Vendor:
    """One simulated vendor: its routes below its prefix and how it words problems.

    ``credentials`` gives what an Airflow connection to it holds beside the host, which is passed
    in: ``login``, ``password``, ``extra``. None of it is a secret. ``records``: by the warehouse's
    kind of record (customer, order, browser, …), what it is in the world. ``has_web_shop_tills``:
    a web shop's system that runs tills, too (``sold_shop_no`` of orders, ``shop_no`` of refunds).
    ``is_asked_by_day``: it is asked window by window, and the years before the world cost as much.
    """

    name: str
    routes: tuple[tuple[str, str, Handler], ...]
    refuse: Callable[[Problem], Reply]
    credentials: Callable[[str], dict[str, Any]]
    token_of: Callable[[Call], str] = lambda call: call.bearer
    tokens_expire: bool = True
    records: Mapping[str, Record] = field(default_factory=dict, hash=False)
    has_web_shop_tills: bool = False
    is_asked_by_day: bool = False
