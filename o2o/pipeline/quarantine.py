"""What was set aside: elements that are no rows, and records that staging could not read.

An element that did not land lies in the landing zone with its reason. A record that landed and
cannot be read is in no figure, and its faults stand in the warehouse. Who says that one may be left
out is remembered in the landing zone (stream ``o2o/accepted_records``), so that it outlives the
warehouse; a build reads it from there.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.core import times
from connectors.core.paging import Batch
from connectors.core.source import Source, Stream, Window
from connectors.core.verbatim import Page, split
from o2o.errors import O2OError
from o2o.steps import stages
from warehouse.engines.warehouse import Warehouse
from warehouse.landing import suppression
from warehouse.landing.errors import SettingError
from warehouse.landing.rows import Row
from warehouse.landing.zone import Landing, StreamLanding

Where = Literal["landing", "staging"]


class NotSetAside(SettingError):
    """What was named is not set aside."""


@dataclass(frozen=True)
class SetAside:
    """One element or record. ``name``: its key; of an element, which has none, a digest of it.

    ``reason`` says what is wrong, and nothing of its values; ``fault`` is the same as it is
    remembered. ``at``: when its load fetched it, UTC.
    """

    connection: str
    stream: str
    where: Where
    name: str
    load_id: str
    at: datetime
    reason: str
    fault: str
    is_accepted: bool = False


@dataclass(frozen=True)
class Accepted:
    """That a record, or an element, may be left out for a fault: says who, and why."""

    connection: str
    stream: str
    record_key: str
    fault: str
    reason: str
    accepted_by: str
    accepted_at: str


def at_landing(landing: Landing) -> Iterator[SetAside]:
    """The elements that did not land, of all connections that have a folder."""
    accepted = {_of(one) for one in accepted_records(landing)}
    for place in _streams(landing):
        for load_id in place.quarantines():
            for row in place.refused(load_id).to_pylist():
                one = SetAside(
                    place.connection, place.stream, "landing", digest(row["_raw"]), load_id,
                    row["_extracted_at"], row["_reason"], row["_reason"],
                )  # fmt: skip
                yield replace(one, is_accepted=_of(one) in accepted)


def by_staging(warehouse: Warehouse, landing: Landing) -> list[SetAside]:
    """The records that the last build could not read, once per fault.

    Raises WarehouseError if there is no warehouse, or one that is being written.
    """
    accepted = {_of(one) for one in accepted_records(landing)}
    with warehouse.reading() as reader:
        rows = reader.query(
            "select connection, stream, record_key, _load_id, _extracted_at, field, wanted,"
            " found_form from intermediate.int_records__faults where is_set_aside"
            " order by connection, stream, record_key, field"
        ).to_pylist()
    found = [
        SetAside(
            row["connection"], row["stream"], "staging", row["record_key"], row["_load_id"],
            row["_extracted_at"], _reason(row),
            "|".join((row["field"], row["wanted"], row["found_form"])),
        )
        for row in rows
    ]  # fmt: skip
    return [replace(one, is_accepted=_of(one) in accepted) for one in found]


def payload(landing: Landing, one: SetAside) -> str:
    """The text of what was set aside, as the vendor sent it: it may be personal.

    Raises NotSetAside if it is no longer there.
    """
    place = landing.stream(one.connection, one.stream)
    if one.where == "landing" and one.load_id in place.quarantines():
        for raw in place.refused(one.load_id)["_raw"].to_pylist():
            if digest(raw) == one.name:
                return str(raw)
    if one.where == "staging" and (file := place.holder(one.load_id)):
        rows = place.rows(file).select(["_key", "_payload", "_load_id"]).to_pylist()
        for row in (row for row in rows if row["_load_id"] == one.load_id):
            if row["_key"] == one.name:
                return str(row["_payload"])
    raise NotSetAside(
        f"{one.connection}/{one.stream}: the load {one.load_id} does not hold {one.name!r} any"
        " more, or another loader keeps it"
    )


def accept(landing: Landing, found: Sequence[SetAside], reason: str, by: str) -> int:
    """Remember that these may be left out for what is wrong with them now.

    Returns how many were new.
    """
    before = {_of(one): one for one in accepted_records(landing)}
    now = times.text(datetime.now(UTC))
    after = dict(before)
    for one in found:
        after.setdefault(
            _of(one), Accepted(one.connection, one.stream, one.name, one.fault, reason, by, now)
        )
    rows = (("|".join(what), asdict(said)) for what, said in after.items())
    stages.land(stages.ACCEPTED, rows, landing)
    return len(after) - len(before)


def accepted_records(landing: Landing) -> list[Accepted]:
    """What was accepted until now."""
    place = landing.stream(stages.SOURCE, stages.ACCEPTED)
    loads = place.load_ids()
    rows = place.rows(loads[-1])["_payload"].to_pylist() if loads else []
    return [Accepted(**json.loads(row)) for row in rows if row]


def accepted_elements(landing: Landing) -> Mapping[tuple[str, str], int]:
    """How many of the elements that lie in quarantine are accepted, by connection and stream."""
    if not accepted_records(landing):
        return {}
    return Counter((one.connection, one.stream) for one in at_landing(landing) if one.is_accepted)


@dataclass(frozen=True)
class Retried:
    """What became of a stream's quarantined elements."""

    stream: str
    landed: int
    left: int


def retry(landing: Landing, source: Source, stream: Stream) -> Retried:
    """Read the stream's quarantined elements once more, and land what reads now.

    Raises O2OError for a report: its days are replaced whole, so they must be fetched again.
    """
    place = landing.stream(source.name, stream.name)
    if stream.report:
        raise O2OError(
            f"{place.name} comes by whole days: run o2o extract {source.name}"
            f" --stream {stream.name} --since … for the days in question"
        )
    read = stream.reader(_always())
    with place.lock():
        rows: list[Row] = []
        taken: dict[str, set[str]] = {}
        erased = suppression.read(landing)
        guard = erased.guard(stream.personal, place.connection) if erased else None
        for load_id in place.quarantines():
            for raw in place.refused(load_id)["_raw"].to_pylist():
                if found := _read_again(read, raw):
                    rows += guard.rows(found) if guard else found
                    taken.setdefault(load_id, set()).add(digest(raw))
        if rows:
            with place.begin({"retried": ", ".join(sorted(taken))}) as load:
                load.add(rows)
                load.commit(place.state())
        # Only now: who is stopped between the two lands them twice, which changes nothing.
        for load_id, names in taken.items():
            place.release(load_id, lambda raw, names=names: digest(raw) in names)  # type: ignore[misc]
        left = sum(len(place.refused(load_id)) for load_id in place.quarantines())
    return Retried(place.name, len(rows), left)


def digest(raw: str | None) -> str:
    """The name of an element that has no key."""
    return hashlib.sha256((raw or "").encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _always() -> Window:
    """A window that leaves nothing out."""
    first, last = datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC)
    return Window(first, last, (last.date(),), first.date())


def _read_again(read: Callable[[Page], Batch], raw: str | None) -> list[Row]:
    try:
        page = split(f"[{raw or ''}]", ())
    except ValueError:
        return []
    return read(page).rows


def _streams(landing: Landing) -> Iterator[StreamLanding]:
    for connection in landing.connections():
        yield from landing.streams(connection)


def _of(one: SetAside | Accepted) -> tuple[str, str, str, str]:
    name = one.name if isinstance(one, SetAside) else one.record_key
    return one.connection, one.stream, name, one.fault


def _reason(row: Mapping[str, Any]) -> str:
    there = f" but {row['found_form']!r}" if row["found_form"] else ""
    return f"{row['field']} is no {row['wanted']}{there}"
