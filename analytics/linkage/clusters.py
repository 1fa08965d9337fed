"""From scored pairs to persons: join what belongs together as a whole.

Connected components alone let one false pair glue two persons together, and lose a record that is
like its person but like none of the records enough. Here groups are joined best first, and only
while all pairs between the two groups, taken together, speak for it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

CERTAIN = 12.0  # log2 of the odds: beyond it, one pair must not outweigh several others
LARGEST_GROUP = 300  # records that are compared all with all

Pair = tuple[int, int]


def components(pairs: Iterable[Pair]) -> list[list[int]]:
    """Records joined by pairs, each group sorted, groups sorted by their first record."""
    ends = np.array([*pairs], dtype=np.int64).reshape(-1, 2)
    records, nodes = np.unique(ends, return_inverse=True)
    nodes = nodes.reshape(-1, 2)
    shape = (len(records), len(records))
    graph = coo_array((np.ones(len(nodes)), (nodes[:, 0], nodes[:, 1])), shape=shape)
    groups: dict[int, list[int]] = defaultdict(list)
    _, labels = connected_components(graph, directed=False)
    for record, label in zip(records.tolist(), labels.tolist(), strict=True):
        groups[label].append(record)
    return sorted(groups.values())


def candidates(weights: Mapping[Pair, float], least: float) -> list[list[int]]:
    """Groups of records joined by pairs of at least ``least``, none too large to compare whole.

    A group that is too large is taken apart at a higher weight, until the pieces are small.
    """
    done: list[list[int]] = []
    todo = [(least, {pair: weight for pair, weight in weights.items() if weight >= least})]
    while todo:
        level, edges = todo.pop()
        groups = components(edges)
        large = {record: i for i, g in enumerate(groups) if len(g) > LARGEST_GROUP for record in g}
        done += [group for group in groups if len(group) <= LARGEST_GROUP]
        inside: dict[int, dict[Pair, float]] = defaultdict(dict)
        for (left, right), weight in edges.items():
            if left in large and weight >= level + 2:
                inside[large[left]][left, right] = weight
        todo += [(level + 2, part) for part in inside.values()]
    return sorted(done)


def join(
    group: list[int],
    weights: Mapping[Pair, float],
    source: Mapping[int, str],
    once: frozenset[str] = frozenset(),
) -> list[list[int]]:
    """Part ``group`` into persons.

    ``weights`` are the log2 odds of its pairs (smaller record first); a pair that is not in it says
    nothing. Two groups of records are joined, best mean weight first, while that mean is above
    zero. No person gets two records of a source in ``once``.
    """
    members = {record: [record] for record in group}
    sums: dict[int, dict[int, tuple[float, int]]] = {record: {} for record in group}
    for left, right in _pairs(group):
        weight = weights.get((left, right))
        if weight is not None:
            sums[left][right] = sums[right][left] = (max(-CERTAIN, min(CERTAIN, weight)), 1)
    single = {record: {source[record]} & once for record in group}
    # Exact weights break the ties of clamped ones; the records' order breaks the rest.
    queue = [
        (-total, -weights[left, right], left, right)
        for left in group
        for right, (total, _) in sums[left].items()
        if left < right and total > 0
    ]
    heapq.heapify(queue)
    while queue:
        negative, _, left, right = heapq.heappop(queue)
        if left not in members or right not in members or right not in sums[left]:
            continue
        total, count = sums[left][right]
        if -negative != total / count or single[left] & single[right]:
            continue
        members[left] += members.pop(right)
        single[left] |= single.pop(right)
        del sums[left][right]
        for other, (more, extra) in sums.pop(right).items():
            if other == left:
                continue
            del sums[other][right]
            had, known = sums[left].get(other, (0.0, 0))
            both = (had + more, known + extra)
            sums[left][other] = sums[other][left] = both
            if both[0] > 0:
                first, second = min(left, other), max(left, other)
                heapq.heappush(queue, (-both[0] / both[1], 0.0, first, second))
    return sorted(sorted(records) for records in members.values())


def _pairs(group: list[int]) -> Iterable[Pair]:
    return ((left, right) for i, left in enumerate(group) for right in group[i + 1 :])
