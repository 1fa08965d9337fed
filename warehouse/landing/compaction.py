"""Merge the small files of many loads into few: two months of hourly loads are 1,440 a stream.

A merged file has the name, state and window of the newest load in it; its footer names them all
(``o2o.loads``). Every row keeps its own ``_load_id``, so what is the newest version of a record,
and which load covers a day, stay what they were.

It is whole before any load is removed: first it takes the place of its newest load, by the rename
that commits any load, then the others go. Whoever is killed in between leaves loads that are there
twice, which readers do not mind (they rank by ``_load_id``) and the next merge removes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing.errors import LandingError
from warehouse.landing.zone import (
    GROUP_CHARACTERS,
    GROUP_ROWS,
    SCHEMA,
    Landed,
    StreamLanding,
    Writer,
    load_time,
)

LARGE = 64 * 1024 * 1024  # bytes of a file that is left as it is
MANY = 2_000  # loads in a file: its footer names them


@dataclass
class Merged:
    """``before`` and ``after``: files of the stream; ``refused``: no load files, left alone."""

    before: int = 0
    after: int = 0
    refused: list[str] = field(default_factory=list)


def merge(place: StreamLanding, until: datetime) -> Merged:
    """Merge the loads of a stream that began before ``until``; the newest load is never touched.

    Raises LandingError, StorageError. Those who read meanwhile may miss a file that they have
    listed: the caller keeps builds out.
    """
    with place.lock():
        sizes = place.sizes()
        done = Merged(before=len(sizes), after=len(sizes))
        found: list[Landed | None] = []
        for load_id in sorted(sizes)[:-1]:
            if load_time(load_id) >= until:
                break
            try:
                found.append(place.read(load_id))
            except LandingError:  # a check names it
                done.refused.append(load_id)
                found.append(None)
        leftovers = _leftovers(found)
        place.remove(leftovers)
        done.after -= len(leftovers)
        rest = [each for each in found if each is None or each.load_id not in leftovers]
        for group in _groups(rest, sizes):
            if len(group) > 1:
                _replace(place, group)
                done.after -= len(group) - 1
        return done


def _leftovers(found: list[Landed | None]) -> list[str]:
    """The loads that a merge which was killed has taken over, but not removed."""
    taken = {load for each in found if each for load in each.loads if load != each.load_id}
    return [each.load_id for each in found if each and each.load_id in taken]


def _groups(found: list[Landed | None], sizes: dict[str, int]) -> Iterator[list[Landed]]:
    """Neighbours that become one file each. Nothing is merged over what is no load, or over a load
    that is missing: that would hide it."""
    group: list[Landed] = []
    size = loads = 0
    for each in found:
        is_apart = each is None or (
            bool(group) and each.before is not None and each.before != group[-1].load_id
        )
        is_full = each is not None and (
            size + sizes[each.load_id] > LARGE or loads + len(each.loads) > MANY
        )
        if is_apart or is_full:
            yield group
            group, size, loads = [], 0, 0
        if each is not None:
            group.append(each)
            size += sizes[each.load_id]
            loads += len(each.loads)
    yield group


def _replace(place: StreamLanding, group: list[Landed]) -> None:
    newest = group[-1]
    footer = {
        **newest.footer,
        "o2o.loads": json.dumps([load for landed in group for load in landed.loads]),
        "o2o.rows": str(sum(landed.rows for landed in group)),
        "o2o.quarantined": str(sum(landed.quarantined for landed in group)),
    }
    if group[0].before is not None:
        footer["o2o.before"] = group[0].before
    else:  # of a product that did not note it
        footer.pop("o2o.before", None)
    if suppressed := sum(landed.suppressed for landed in group):
        footer["o2o.suppressed"] = str(suppressed)
    with Writer(place, f"{place.folder}/{newest.load_id}.parquet", SCHEMA) as writer:
        for table in _tables(place, group):
            writer.write(table.columns)
        writer.commit(footer)
    place.remove(landed.load_id for landed in group[:-1])


def _tables(place: StreamLanding, group: list[Landed]) -> Iterator[pa.Table]:
    """The rows of all loads, in groups as large as those of one load."""
    waiting: list[pa.Table] = []
    rows = size = 0
    for landed in group:
        path = f"{place.folder}/{landed.load_id}.parquet"
        with (
            place.storage.explaining(f"cannot read {place.storage.shown(path)}"),
            place.filesystem.open_input_file(path) as file,
        ):
            parquet = pq.ParquetFile(file)
            for number in range(parquet.num_row_groups):
                waiting.append(parquet.read_row_group(number, columns=SCHEMA.names).cast(SCHEMA))
                rows += len(waiting[-1])
                size += waiting[-1].nbytes
                if rows >= GROUP_ROWS or size >= GROUP_CHARACTERS:
                    yield pa.concat_tables(waiting).combine_chunks()
                    waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()
