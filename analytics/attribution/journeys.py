"""Journeys as flat arrays: every touch of every journey, laid end to end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Journeys:
    """Distinct journeys or groups of like ones.

    ``codes`` holds the channel of each touch as a place in ``channels``; journey ``j`` has those
    from ``starts[j]`` to before ``starts[j + 1]``, never none. ``conversions`` and ``nulls`` say
    how many such journeys converted and did not, ``values`` what the converted ones are worth
    together. ``ages`` are the days from each touch to the conversion; time decay alone needs them.
    """

    channels: tuple[str, ...]
    codes: Codes
    starts: Integers
    conversions: Floats
    values: Floats
    nulls: Floats
    ages: Floats | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> Integers:
        """Touches of each journey."""
        return np.diff(self.starts)

    def spread(self, amounts: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """An amount per journey, for each of its touches."""
        return np.repeat(amounts, self.lengths)

    @cached_property
    def places(self) -> tuple[tuple[Integers, Integers], ...]:
        """The first touches, those in the middle of three or more, and the last ones: where they
        lie in ``codes``, and whose they are."""
        everyone = np.arange(len(self))
        long = np.flatnonzero(self.lengths >= 3)
        first, last = self.starts[:-1], self.starts[1:] - 1
        middle = first[long] + (self.lengths[long] + 1) // 2 - 1
        return (first, everyone), (middle, long), (last, everyone)

    @cached_property
    def by_place(self) -> tuple[Integers, Floats]:
        """Which lengths occur, and sums of conversions and of value over their touches: shape
        (2, 4, lengths, channels), of all touches, the first, the middle and the last ones. Whoever
        shares by place alone needs no more, and it is a fraction of the touches."""
        occurring = np.bincount(self.lengths) > 0
        lengths = np.flatnonzero(occurring)
        shape = (len(lengths), len(self.channels))
        row = (np.cumsum(occurring) - 1)[self.lengths] * shape[1]
        cells = [self.spread(row) + self.codes]
        cells += [row[owners] + self.codes[touches] for touches, owners in self.places]
        sums = np.zeros((2, 4, *shape))
        for kind, amounts in enumerate((self.conversions, self.values)):
            if not amounts.any():
                continue
            weights: list[Floats | None] = [None] * len(cells)
            if not (amounts == 1).all():
                weights = [self.spread(amounts), *(amounts[owners] for _, owners in self.places)]
            for place, (cell, weight) in enumerate(zip(cells, weights, strict=True)):
                sums[kind, place] = np.bincount(cell, weight, np.prod(shape)).reshape(shape)
        return lengths, sums

    @cached_property
    def channel_sets(self) -> Integers:
        """The channels of each journey as bits. Raises ``InputError`` beyond 62 channels."""
        if len(self.channels) > 62:
            raise InputError(
                f"{len(self.channels)} channels are too many for Shapley values, which go up to 62:"
                " put small channels together"
            )
        bits = np.left_shift(np.int64(1), self.codes.astype(np.int64))
        return np.bitwise_or.reduceat(bits, self.starts[:-1]) if len(self) else self.starts[:0]

    @cached_property
    def distinct_sets(self) -> tuple[Integers, Integers]:
        """The channel sets that occur, as bits, in order; and the place of each journey's among
        them. Raises ``InputError`` as ``channel_sets`` does."""
        sets, places = np.unique(self.channel_sets, return_inverse=True)
        return sets, places

    @cached_property
    def converted(self) -> Journeys:
        """Only journeys that converted at least once: all that the heuristic models look at."""
        kept = self.conversions > 0
        if kept.all():
            return self
        starts = _starts(self.lengths[kept])
        touches = np.arange(starts[-1])
        touches += np.repeat(self.starts[:-1][kept] - starts[:-1], self.lengths[kept])
        return Journeys(
            self.channels,
            self.codes[touches],
            starts,
            self.conversions[kept],
            self.values[kept],
            np.zeros(int(kept.sum())),
            None if self.ages is None else self.ages[touches],
        )


def from_lists(
    touches: pa.ListArray,
    conversions: npt.ArrayLike,
    values: npt.ArrayLike | None = None,
    nulls: npt.ArrayLike | None = None,
    ages: npt.ArrayLike | None = None,
) -> Journeys:
    """Journeys of a list of channel names each. ``ages`` is flat, as the touches are.

    Raises ``InputError`` for a journey without touches or a touch without a channel.
    """
    lengths = np.asarray(pc.fill_null(pc.list_value_length(touches), 0), dtype=np.int64)
    _refuse(lengths == 0, "has no touch: leave it out")
    names = pc.dictionary_encode(touches.flatten())
    if names.null_count:
        raise InputError("A touch has no channel: name it, if only `unknown`")
    # In the order of their names, so that results do not depend on who came first.
    order = np.argsort(np.asarray(names.dictionary.to_pylist(), dtype=object), kind="stable")
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    count = len(lengths)
    return Journeys(
        tuple(names.dictionary[int(i)].as_py() for i in order),
        places[names.indices.to_numpy(zero_copy_only=False)],
        _starts(lengths),
        np.asarray(conversions, dtype=np.float64),
        np.zeros(count) if values is None else np.asarray(values, dtype=np.float64),
        np.zeros(count) if nulls is None else np.asarray(nulls, dtype=np.float64),
        None if ages is None else np.asarray(ages, dtype=np.float64),
    )


def from_paths(table: pa.Table, separator: str = ">") -> Journeys:
    """Journeys of a table of aggregated paths.

    Columns: ``path`` (``A > B > C``, spaces around the separator do not matter), ``conversions``,
    and, if there are any, ``value`` (of all conversions of the path) and ``nulls``.
    Raises ``InputError``, naming the row, where a path or a number is none.
    """
    for name in ("path", "conversions"):
        if name not in table.column_names:
            raise InputError(
                f"The paths have no column `{name}`: they need `path` and `conversions`, and may"
                f" have `value` and `nulls`; found {', '.join(table.column_names)}"
            )
    paths = pa.array(table["path"].combine_chunks(), pa.string())
    blank = np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(paths), ""), True))
    _refuse(blank, "has an empty `path`")
    touches = pc.split_pattern(paths, separator)
    names = pc.utf8_trim_whitespace(touches.flatten())
    owners = pc.list_parent_indices(touches).to_numpy()
    for row in owners[np.asarray(pc.equal(names, ""))][:1]:
        raise InputError(f"Row {row + 1} has an empty channel in its path {paths[int(row)]}")
    lists = pa.ListArray.from_arrays(touches.offsets, names)
    numbers = [
        _numbers(table, name, can_be_negative=name == "value")
        for name in ("conversions", "value", "nulls")
    ]
    return from_lists(lists, *numbers)


def _numbers(table: pa.Table, name: str, can_be_negative: bool) -> Floats:
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    try:
        # Not safe: of a whole number beyond 2^53 the first 16 digits do.
        column = pc.cast(table[name], pa.float64(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"Column `{name}` of the paths is not of numbers: {error}") from error
    numbers: Floats = column.to_numpy().astype(np.float64)
    wrong = ~np.isfinite(numbers)
    _refuse(wrong, f"has no `{name}`: write 0")
    if not can_be_negative:
        _refuse(numbers < 0, f"has a negative `{name}`")
    return numbers


def _refuse(wrong: Any, what: str) -> None:
    for row in np.flatnonzero(wrong)[:1]:
        raise InputError(f"Row {row + 1} {what}")


def _starts(lengths: Integers) -> Integers:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])
