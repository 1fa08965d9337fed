"""From touches and conversions to paths: which touches may have led to which conversion.

The warehouse does the same in SQL (``int_attribution__paths``, ``int_attribution__channel_paths``);
here it is arrays, for tables that are not the warehouse's. Tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics.attribution.journeys import Codes, Integers

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Touches:
    """Touches, one entry each: by customer, time and id.

    ``customers`` are numbers, below 0 where nobody knows who it was; ``times`` are microseconds
    since 1970 in UTC; ``channels`` and ``types`` are places in lists of names.
    """

    customers: Codes
    times: Integers
    channels: Codes
    types: Codes
    has_consent: Flags

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Conversions:
    """Conversions, likewise; ``values`` are whole minor units."""

    customers: Codes
    times: Integers
    types: Codes
    values: Integers

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Windows:
    """Look-back windows in microseconds, shape (conversion types, touch types): a touch counts
    whose age lies between ``shortest`` and ``longest``, both included. Where there is no window
    ``longest`` is below 0."""

    shortest: Integers
    longest: Integers


@dataclass(frozen=True)
class Paths:
    """The touches of each conversion, laid end to end, the oldest first.

    Conversion ``j`` has those from ``starts[j]`` to before ``starts[j + 1]``: ``touches`` are
    places in ``Touches``, ``ages`` microseconds. ``is_withheld`` says of each conversion whether a
    touch without consent lies in its windows.
    """

    touches: Integers
    ages: Integers
    starts: Integers
    is_withheld: Flags


def in_order(customers: Codes, times: Integers, ids: pa.ChunkedArray) -> Integers:
    """The places of rows by customer, time and id. Ids are compared only where times are equal."""
    key = _key(customers, times)
    order = np.lexsort((times, customers)) if key is None else np.argsort(key, kind="stable")
    del key
    who, when = customers[order], times[order]
    same = (who[1:] == who[:-1]) & (when[1:] == when[:-1])
    if same.any():
        is_tied = np.append(same, False) | np.append(False, same)
        tied = order[is_tied]
        table = {"customer": customers[tied], "time": times[tied], "id": ids.take(pa.array(tied))}
        keys = [(name, "ascending") for name in table]
        order[is_tied] = tied[pc.sort_indices(pa.table(table), sort_keys=keys).to_numpy()]
    return order


def _key(customers: Codes, times: Integers) -> Integers | None:
    """Customer and time as one number, which sorts several times as fast as two; None where it
    would need more than 64 bits even in seconds, or times are finer than that."""
    if not len(times):
        return None
    since = times - times.min()
    for step in (1, 1_000, 1_000_000):
        width = int(since.max()) // step + 1
        if (int(customers.max()) + 2) * width < 2**62:
            if step > 1 and (since % step).any():
                return None
            # In place: each array of millions that is not made counts.
            key = customers.astype(np.int64)
            key += 1
            key *= width
            since //= step
            key += since
            return key
    return None


def paths(
    touches: Touches, conversions: Conversions, windows: Windows, at_a_time: int
) -> Iterator[Paths]:
    """The paths of conversions, in their order, so many at a time that ``at_a_time`` touches (or
    those of one conversion) are looked at."""
    first, stop = _segments(touches.customers, conversions.customers)
    reach = windows.longest.max(axis=1, initial=-1)[conversions.types]
    low = _bisect(touches.times, first, stop, conversions.times - np.maximum(reach, 0))
    high = _bisect(touches.times, low, stop, conversions.times + 1)
    counts = np.where((reach >= 0) & (conversions.customers >= 0), high - low, 0)
    seen = np.cumsum(counts)
    begin = 0
    while begin < len(conversions):
        done = seen[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(seen, done + at_a_time, side="right")))
        yield _some_paths(touches, conversions, windows, low, counts, slice(begin, end))
        begin = end


def _some_paths(
    touches: Touches, conversions: Conversions, windows: Windows, low: Integers, counts: Integers,
    some: slice,
) -> Paths:  # fmt: skip
    counts, low = counts[some], low[some]
    owners = np.repeat(np.arange(len(counts)), counts)
    candidates = np.arange(len(owners)) + np.repeat(low - np.cumsum(counts) + counts, counts)
    ages = conversions.times[some][owners] - touches.times[candidates]
    pairs = conversions.types[some][owners], touches.types[candidates]
    is_eligible = (ages <= windows.longest[pairs]) & (ages >= windows.shortest[pairs])
    consents = touches.has_consent[candidates]
    kept = is_eligible & consents
    lengths = np.bincount(owners[kept], minlength=len(counts))
    withheld = np.bincount(owners[is_eligible & ~consents], minlength=len(counts)) > 0
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    return Paths(candidates[kept], ages[kept], starts, withheld)


def idle_journeys(
    touches: Touches, conversions: Conversions, windows: Windows, kind: int, is_credited: Flags
) -> tuple[Integers, Integers]:
    """Journeys that did not end with a conversion of type ``kind``: their touches, end to end, and
    where each begins, with the end of the last.

    They are what a customer touched without being credited (``is_credited``, per touch) for such a
    conversion. A journey ends with one, or when the window of its last touch has passed. A touch at
    the very moment of a conversion belongs before it.
    """
    has_window = (windows.longest[kind] >= 0)[touches.types]
    known = touches.has_consent & (touches.customers >= 0) & has_window
    chosen = np.flatnonzero(known & ~is_credited)
    customers, times = touches.customers[chosen], touches.times[chosen]
    mine = np.flatnonzero((conversions.types == kind) & (conversions.customers >= 0))
    mine = mine[np.lexsort((conversions.times[mine], conversions.customers[mine]))]
    # Only a buyer's touches can have a conversion before them.
    bought = np.flatnonzero(np.isin(customers, conversions.customers[mine], kind="table"))
    segment = _segments(conversions.customers[mine], customers[bought])
    before = np.zeros(len(chosen), dtype=np.int32)
    before[bought] = _bisect(conversions.times[mine], *segment, times[bought]) - segment[0]
    begins = np.ones(len(chosen), dtype=bool)
    begins[1:] = (customers[1:] != customers[:-1]) | (before[1:] != before[:-1])
    begins[1:] |= times[1:] - times[:-1] > windows.longest[kind][touches.types[chosen[:-1]]]
    return chosen, np.append(np.flatnonzero(begins), len(chosen))


def _segments(ordered: Codes, wanted: Codes) -> tuple[Integers, Integers]:
    """Where the rows of each wanted customer begin and stop among rows by customer."""
    most = int(max(ordered.max(initial=-1), wanted.max(initial=-1)))
    stops = np.cumsum(np.bincount(ordered + 1, minlength=most + 2))
    stop = stops[wanted + 1]
    return np.where(wanted < 0, 0, stops[wanted]), stop


def _bisect(values: Integers, low: Integers, high: Integers, wanted: Integers) -> Integers:
    """For each wanted value, the first place from ``low`` to before ``high``, within which
    ``values`` ascend, that is not below it; ``high`` where there is none."""
    low, high = low.copy(), high.copy()
    searching = np.flatnonzero(low < high)
    while len(searching):
        middle = (low[searching] + high[searching]) // 2
        is_below = values[middle] < wanted[searching]
        low[searching[is_below]] = middle[is_below] + 1
        high[searching[~is_below]] = middle[~is_below]
        searching = searching[low[searching] < high[searching]]
    return low
