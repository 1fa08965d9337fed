"""What SQL cannot compute: read from one model, worked out in Python, landed like a source.

A build then has two parts: up to the model that is read, and, once the result has landed, the rest.
The landing zone remembers the result as it does a vendor's answer, so that a killed build goes on
from there, and both engines work with the same numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from o2o import company
from o2o.steps import experiment_plan
from warehouse.landing.zone import Landing

if TYPE_CHECKING:
    from warehouse.engines.warehouse import Reader

SOURCE = "o2o"
PLAN = "experiments"
COMPANY = "company_rows"
ACCEPTED = "accepted_records"
Row = tuple[str, dict[str, Any]]  # key, payload


@dataclass(frozen=True)
class Computed:
    """One result. ``reads`` is a model; ``is_on`` whether this installation wants it."""

    stream: str
    reads: str
    is_on: Callable[[], bool]
    compute: Callable[[Reader], Iterable[Row]]


def identity_links(reader: Reader) -> Iterable[Row]:
    """Persons who share no identifier and are one all the same, as linkage sees it."""
    from analytics.linkage.people import propose  # heavy, and only for who wants it

    people = reader.query("select * from restricted.int_identity__link_candidates")
    # On Spark they are compared where they lie.
    session = getattr(reader, "session", None)
    for links in propose(people, spark=session):
        for link in links.to_pylist():
            ends = f"{link['key_left']}|{link['key_right']}"
            yield hashlib.md5(ends.encode(), usedforsecurity=False).hexdigest(), link


def channel_weights(reader: Reader) -> Iterable[Row]:
    """What each channel is worth over all journeys, by the models that must be solved."""
    from analytics.attribution.solve import solve

    paths = reader.query("select * from intermediate.int_attribution__channel_paths")
    for weight in solve(paths).to_pylist():
        key = "|".join(weight[part] for part in ("conversion_type", "attribution_model", "channel"))
        # As decimals: what a float looks like (1e-12) is no business of SQL.
        yield (
            key,
            {
                name: f"{value:.12f}" if isinstance(value, float) else value
                for name, value in weight.items()
            },
        )


def linkage_is_on() -> bool:
    return company.load().linkage


def experiment_results(reader: Reader) -> Iterable[Row]:
    """What each experiment of the plan showed."""
    from o2o.steps.experiment_results import results

    return results(reader)


def store_forecasts(reader: Reader) -> Iterable[Row]:
    """What shops may expect of the next weeks."""
    from o2o.steps.store_forecasts import results

    return results(reader)


def public_holidays(reader: Reader) -> Iterable[Row]:
    """On which days the countries and regions of shops have a public holiday."""
    from o2o.steps.public_holidays import results

    return results(reader)


def customer_predictions(reader: Reader) -> Iterable[Row]:
    """What customers of each history of purchases will buy."""
    from o2o.steps.customer_predictions import predictions

    return predictions(reader)


# In the order in which they need each other: who is one person changes journeys. What does not need
# each other is worked out after one part of the build.
STAGES = (
    (Computed("identity_links", "int_identity__link_candidates", linkage_is_on, identity_links),),
    (
        Computed(
            "channel_weights", "int_attribution__channel_paths", lambda: True, channel_weights
        ),
        Computed(
            "experiment_results", "int_experiments__panel", experiment_plan.is_planned,
            experiment_results,
        ),
        Computed("store_forecasts", "int_stores__demand", lambda: True, store_forecasts),
        Computed("public_holidays", "int_stores__years", lambda: True, public_holidays),
        Computed(
            "customer_predictions", "int_customers__past_histories", lambda: True,
            customer_predictions,
        ),
    ),
)  # fmt: skip


def land(name: str, found: Iterable[Row], landing: Landing) -> int:
    """Land a whole result; returns its rows. Nothing lands where it equals the newest load's.

    The loads before it are removed, nobody needs them again.
    """
    rows = sorted(
        (key, json.dumps(payload, sort_keys=True, ensure_ascii=False)) for key, payload in found
    )
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    stream = landing.stream(SOURCE, name)
    with stream.lock():
        if stream.state().get("digest") == digest:
            return len(rows)
        old = stream.load_ids()
        with stream.begin({}) as load:
            load.cover("")  # a load of nothing must be seen, too
            load.add([(key, "", payload) for key, payload in rows])
            load.commit({"digest": digest})
        stream.remove(old)
    return len(rows)
