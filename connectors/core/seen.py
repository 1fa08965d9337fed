"""Which rows of a run came already, in memory that does not grow with their length.

A load of millions of rows is held against what came before it, row by row. Keys and payloads are
known by 64 bits each. So two different rows are taken for one only if both agree by chance (one in
10^25 for ten million rows), and two keys for one, which would only look like a row that is missing,
once in 400,000 such loads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from warehouse.landing.rows import Row

RECENT = 100_000  # rows that are known by a dictionary, ten times as large and as quick
LARGE = 1_000_000  # rows of a part that is not merged any more: merging takes as much again


@dataclass
class Seen:
    """The keys that came, each with the newest payload. ``len`` is the number of keys.

    The first rows are ``held`` as they are until others come: most runs are one page, of which
    nothing has to be known.
    """

    held: list[Row] = field(default_factory=list)
    recent: dict[int, int] = field(default_factory=dict)
    settled: list[_Sorted] = field(default_factory=list)  # older ones first, and larger ones
    count: int = 0

    def __len__(self) -> int:
        return self.count + len(self.held)

    def fresh(self, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that did not come before with the same payload; they are known now."""
        if not self.count and not self.held and len({row[0] for row in rows}) == len(rows):
            self.held = list(rows)
            return list(rows)
        if self.held:
            held, self.held = self.held, []
            self._known(held)
        return self._known(rows)

    def _known(self, rows: Sequence[Row]) -> list[Row]:
        keys = list(map(hash, map(itemgetter(0), rows)))
        before = self._settled(keys) if self.settled else {}
        marks = dict(zip(keys, map(hash, map(itemgetter(2), rows)), strict=True))
        if not before and len(marks) == len(rows) and self.recent.keys().isdisjoint(marks):
            found = list(rows)  # all are new, as nearly always
            self.count += len(rows)
            self.recent.update(marks)
        elif len(marks) == len(rows):  # of each key one: some came already, as at a page's edge
            known = before | {key: self.recent[key] for key in marks.keys() & self.recent.keys()}
            found = [
                row for row, key in zip(rows, keys, strict=True) if known.get(key) != marks[key]
            ]
            self.count += len(marks) - len(known)
            self.recent.update(marks)
        else:
            found = list(self._unknown(rows, keys, before))
        if len(self.recent) >= RECENT:
            self._settle()
        return found

    def _unknown(
        self, rows: Sequence[Row], keys: list[int], before: dict[int, int]
    ) -> Iterator[Row]:
        for row, key in zip(rows, keys, strict=True):
            mark = hash(row[2])
            known = self.recent.get(key)
            if known is None:
                known = before.get(key)
            if known == mark:
                continue
            self.count += known is None
            self.recent[key] = mark
            yield row

    def _settled(self, keys: list[int]) -> dict[int, int]:
        """The marks of those of the keys that are settled; of newer ones last."""
        asked = np.array(keys, np.int64)
        found: dict[int, int] = {}
        for part in self.settled:
            found.update(part.marks_of(asked))
        return found

    def _settle(self) -> None:
        newest = _Sorted.of(
            np.fromiter(self.recent.keys(), np.int64, len(self.recent)),
            np.fromiter(self.recent.values(), np.int64, len(self.recent)),
        )
        self.recent = {}
        # Up to there each part is more than twice as large as the next: they are few.
        while self.settled and len(self.settled[-1].keys) <= min(2 * len(newest.keys), LARGE):
            older = self.settled.pop()
            newest = _Sorted.of(
                np.concatenate([newest.keys, older.keys]),
                np.concatenate([newest.marks, older.marks]),
            )
        self.settled.append(newest)


@dataclass(frozen=True)
class _Sorted:
    """Keys in order, each once, with their marks."""

    keys: NDArray[np.int64]
    marks: NDArray[np.int64]

    @classmethod
    def of(cls, keys: NDArray[np.int64], marks: NDArray[np.int64]) -> _Sorted:
        """Of a key that stands more than once the first counts."""
        ordered, first = np.unique(keys, return_index=True)
        return cls(ordered, marks[first])

    def marks_of(self, asked: NDArray[np.int64]) -> dict[int, int]:
        at = np.searchsorted(self.keys, asked)
        at[at == len(self.keys)] = 0
        hit = self.keys[at] == asked
        return dict(zip(asked[hit].tolist(), self.marks[at[hit]].tolist(), strict=True))
