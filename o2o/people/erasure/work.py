"""Carry an erasure out: suppress, rewrite, search, and leave the proof.

The order makes it safe to be killed at any moment and run again. The plan is written down before
anything changes; the suppression list comes next, so that nothing of the person can land any more;
the proof comes last, after a search has found nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from o2o.people.erasure import database, files, landed, spark_tables
from o2o.people.erasure.packed import Unsearched
from o2o.people.erasure.plan import ErasureError, Plan, make
from o2o.people.erasure.search import Search
from o2o.people.lookup import Identity
from o2o.pipeline import build, publish, remote_copy
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.identity_key import identity_key
from o2o.pipeline.paths import Paths
from warehouse.engines import spark
from warehouse.files import private
from warehouse.landing import suppression
from warehouse.landing.zone import Landing

PROOFS = "_erasures"
Tell = Callable[[str], None]
Counts = dict[str, dict[str, Any]]


def pending_file(paths: Paths) -> Path:
    """Where the plan of an erasure lies until it is complete. It holds what is to be erased."""
    return paths.home / "erasure" / "pending.json"


def pending(paths: Paths) -> Plan | None:
    """The erasure that was begun here and not completed."""
    file = pending_file(paths)
    return Plan.load(file) if file.exists() else None


def prepare(
    paths: Paths,
    *,
    person: str | None = None,
    identifier: str | None = None,
    kind: str | None = None,
    requested_by: str = "",
) -> Plan:
    """Find a person, by their id or by one of their identifiers, and all that is theirs.

    Changes nothing. Raises ErasureError if nobody or more than one person is found, WarehouseError
    if there is no warehouse to look into.
    """
    now = datetime.now(UTC)
    plan = Plan(
        id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
        begun_at=now.isoformat(timespec="seconds"),
        requested_by=requested_by,
    )
    with open_warehouse(paths).reading() as reader:
        identity = Identity(reader, identity_key(paths))
        if "\\" in (person or identifier or ""):  # to Spark it would be an escape
            raise ErasureError("An id or an identifier cannot contain a backslash.")
        if person:
            plan.customers = [person]
        else:
            plan.customers, plan.records = identity.find(identifier or "", kind)
        if len(plan.customers) > 1:
            raise ErasureError(
                f"{len(plan.customers)} people carry this identifier. Say whom you mean with"
                f" --person: {', '.join(plan.customers)}"
            )
        for customer in plan.customers:
            plan.records += identity.records_of(customer)
        if not plan.records:
            raise ErasureError(
                "The warehouse does not know this id. Ids change when people are united or"
                " separated: try --identifier with their e-mail address."
                if person
                else "The warehouse does not know this identifier. If the data has landed since the"
                " last build, build first (o2o build); a phone number is best given as +49…"
            )
        make(plan, identity, Landing(paths.landing_url))
    for value in plan.texts():
        if len(value) > 2 and value.lower() in requested_by.lower():
            raise ErasureError("--requested-by names the person, and the proof would keep it.")
    return plan


def complete(paths: Paths, plan: Plan, tell: Tell = lambda step: None) -> dict[str, Any]:
    """Erase what the plan says, in all places, and return the proof. Safe to repeat.

    Raises ErasureError if the search in the end still finds something, or if something is being
    used by another process: then run it again, and it goes on where it was.
    """
    began = time.monotonic()
    landing = Landing(paths.landing_url)
    with landing.private(), private(pending_file(paths).parent), _alone(paths):
        plan.save(pending_file(paths))
        tell("suppressing")
        hashes = suppression.write(landing, plan.id, plan.erased)
        tell("rewriting what landed")
        _note(paths, plan, "landing", landed.rewrite(landing, plan))
        tell("rewriting the warehouse")
        if paths.engine == "spark":
            _note(paths, plan, "warehouse", _erase_spark(paths, plan))
        else:
            _note(paths, plan, "warehouse", database.erase(paths.warehouse, plan))
        tell("rewriting publication and reports")
        with remote_copy.erasing(paths):
            # First, because it sweeps away what a killed run left unfinished.
            _note(paths, plan, "published", _erase_published(paths, plan))
            others = _files(paths, paths.warehouse.parent, paths.published)
            _note(paths, plan, "reports", {"files": files.redact(others, plan)})
        tell("searching for what is left")
        proof = _proof(paths, landing, plan, hashes, began)
        suppression.put(landing, f"{PROOFS}/{plan.id}.json", proof)
        Plan.forget(pending_file(paths))
    return proof


def revoke(paths: Paths, erasure: str, requested_by: str) -> None:
    """Let the person of an erasure come in again with the next loads; the proof says so."""
    landing = Landing(paths.landing_url)
    text = landing.storage.read(f"{PROOFS}/{erasure}.json")
    if text is None or not suppression.revoke(landing, erasure):
        raise ErasureError(f"No erasure {erasure!r} is in force at {landing.url}/{PROOFS}.")
    revoked = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "requested_by": requested_by}
    suppression.put(landing, f"{PROOFS}/{erasure}.json", {**json.loads(text), "revoked": revoked})


def _erase_spark(paths: Paths, plan: Plan) -> Counts:
    """Its tables are not ours to edit: all are built anew from what is left. But a history stands,
    and what is made of it has to come after."""
    with build.one_writer(paths):
        running = spark.session(paths.spark_warehouse_url)
        counts: Counts = dict(spark_tables.end_histories(running, plan))
    build.build(paths, full_refresh=True)
    return counts


def _erase_published(paths: Paths, plan: Plan) -> Counts:
    target = paths.published
    with publish.one_publisher(target):
        if not target.exists():
            return {}
        draft = target.with_name(f".{target.name}.tmp")
        counts = database.erase(target, plan, into=draft)
        if not counts:
            draft.unlink()
            return {}
        published = publish.current(draft)
        if published is None:
            raise ErasureError(f"{target} has no manifest: publish again (o2o publish).")
        tables = {
            name: rows - counts.get(f"{publish.SCHEMA}.{name}", {}).get("deleted", 0)
            for name, rows in published.tables.items()
        }
        published = replace(published, tables=tables, erasures=published.erasures + 1)
        with duckdb.connect(str(draft)) as con:
            con.execute("update publication set manifest = ?", [json.dumps(asdict(published))])
        publish.swap_in(draft, target, published)
    return counts


def _files(paths: Paths, *without: Path) -> list[Path]:
    """All of the run folder but the landing zone, the plan, the demo's vendors, and what else is
    not asked for."""
    landing = Landing(paths.landing_url)
    zone = [Path(landing.root)] if landing.is_local else []
    not_ours = [pending_file(paths).parent, paths.outside_world]
    return list(files.inside(paths.home, without=[*zone, *not_ours, *without]))


def _proof(
    paths: Paths, landing: Landing, plan: Plan, hashes: list[str], began: float
) -> dict[str, Any]:
    """The record of the erasure: counts, hashes, and what the search found. No personal data."""
    left: Counts = {"landing": landed.found(landing, plan.pattern)}
    if paths.engine == "spark":
        with open_warehouse(paths).reading() as reader:
            left["warehouse"] = spark_tables.found(reader, plan)
        spark.close()  # its catalog's files change as long as it is open
    searched = _files(paths)
    databases = [file for file in searched if file.suffix == ".duckdb"]
    for file in databases:
        left[file.name] = {**left.get(file.name, {}), **database.found(file, plan)}
    # A warehouse keeps the person's own id in its histories; its tables were searched for it.
    made_again = plan.standing if paths.engine == "spark" else set()
    values = Search({*plan.needles} - made_again)
    all_of_it = Search([*plan.needles, *plan.customers])
    keeps = {*databases, *(file for file in searched if paths.warehouse.parent in file.parents)}
    left["files"], not_searched = {}, {}
    for file in searched:
        try:
            count = values.count_in(file) if file in keeps else files.found(file, all_of_it)
        except Unsearched as error:
            not_searched[str(file.relative_to(paths.home))] = str(error)
            continue
        if count:
            left["files"][str(file)] = count
    if any(left.values()):
        told = "; ".join(
            f"{place}: {name} ({count})"
            for place, names in left.items()
            for name, count in names.items()
        )
        raise ErasureError(
            f"The erasure is not complete: the person is still in {told}. Declare the fields"
            " in the source's stream (docs/add-a-source.md), then run `o2o erase` again."
        )
    kinds = {kind: len(values) for kind, values in plan.theirs.items()}
    secret = suppression.key(landing)
    return {
        "id": plan.id,
        "begun_at": plan.begun_at,
        "completed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "requested_by": plan.requested_by,
        "version": version("o2o-warehouse"),
        "engine": paths.engine,
        # Whoever has the suppression key and a person's id can tell whether this was theirs.
        "subject": [suppression.digest(secret, "person", one).hex() for one in plan.customers],
        "records": len(plan.records),
        "identifiers": kinds,
        "shared_kept": plan.shared,
        "counts": plan.counts,
        "suppression": {
            "entries": len(hashes),
            "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        },
        "verification": {
            "files": len(searched) - len(not_searched),
            "databases": len(databases),
            "found": 0,
            "not_searched": not_searched,
        },
        "seconds": round(time.monotonic() - began, 1),
    }


def _note(paths: Paths, plan: Plan, place: str, counts: Counts) -> None:
    """Add to the plan's counts: a run that was killed did a part of the work."""
    known = plan.counts.setdefault(place, {})
    for name, found in counts.items():
        sums = known.setdefault(name, {})
        for what, count in found.items():
            what = Path(what).name if name == "files" else what
            sums[what] = sums.get(what, 0) + count
    plan.save(pending_file(paths))


@contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    """Keep builds away from the landing zone and the warehouse. On Spark the build that belongs to
    the erasure sees to that itself."""
    if paths.engine == "spark":
        yield
        return
    with build.one_writer(paths):
        try:
            yield
        except duckdb.IOException as error:
            raise ErasureError(
                f"A database of {paths.home} is open in another process, most likely an audit: run"
                f" `o2o erase` again when it has ended, and the erasure goes on. ({error})"
            ) from error
