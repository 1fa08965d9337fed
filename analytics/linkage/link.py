"""Link records: from a table of records to pairs, persons and what is left for review."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.errors import InputError
from analytics.linkage import clusters
from analytics.linkage.backend import OnDuckDB
from analytics.linkage.comparisons import comparisons
from analytics.linkage.explain import weights, words
from analytics.linkage.fields import FIELDS
from analytics.linkage.normalise import normalise
from analytics.linkage.scoring import ID, SOURCE, Scorer

THRESHOLD = 0.5  # from here on it is likelier that two records belong together than not
REVIEW = 0.05
MODES = ("dedupe", "link", "both")
Mode = Literal["dedupe", "link", "both"]

_CLEAR = 6.63  # weight of a probability of 0.99
_LOWEST = -4.25  # weight of REVIEW
_REPEATS = 0.05
_AT_ONCE = 50_000


@dataclass(frozen=True)
class Linked:
    """``pairs`` (linked, then for review) and ``clusters``: their columns are in docs/linkage.md.

    ``compared`` pairs were looked at; ``notes`` says what is worth knowing about the run.
    """

    pairs: pa.Table
    clusters: pa.Table
    compared: int
    notes: list[str]


def link(
    records: pa.Table,
    fields: Mapping[str, str],
    mode: Mode,
    *,
    id_column: str,
    source_column: str | None = None,
) -> Linked:
    """Link ``records``, whose columns hold ``fields`` (``{field: column}``).

    Raises InputError where ids are missing or not unique within their source, or nothing usable
    stands in any field.
    """
    keys = _keys(records, id_column, source_column)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[row] for row in order]
    spelled = normalise(records.take(order), fields)
    if mode == "link" and len({source for source, _ in keys}) < 2:
        raise InputError(
            "Linking needs two sources, the records have one: add a column source_dataset,"
            " or find duplicates within it (--mode dedupe)."
        )
    usable = [name for name in spelled.column_names if spelled[name].null_count < len(keys)]
    if not comparisons(usable):
        raise InputError(
            f"No usable field: known are {', '.join(FIELDS)} (and other usual names for them);"
            " say which column is which with --field COLUMN=FIELD."
        )
    table = spelled.select(usable)
    table = table.append_column(ID, pa.array(range(len(keys)), pa.int64()))
    table = table.append_column(SOURCE, pa.array([source for source, _ in keys], pa.string()))
    backend = OnDuckDB()
    backend.load("o2o_given", table)
    scorer = Scorer(backend, "o2o_given", usable, across=mode == "link")
    pairs = scorer.pairs(_LOWEST)
    scores = _scores(pairs)
    groups = clusters.candidates(scores, 0.0)
    more = scorer.within(groups, _LOWEST)
    backend.close()  # its memory is needed for what comes
    scores |= _scores(more)
    pairs = pa.concat_tables([pairs, more])
    source = {number: key[0] for number, key in enumerate(keys)}
    notes = []
    if not scorer.model.converged:
        notes.append("the model did not settle: look at the pairs for review")
    once: frozenset[str] = frozenset()
    if mode == "link":
        once = _once(scores, source)
        notes += [
            f"source {name!r} holds persons more than once: its records may share a match"
            for name in sorted(set(source.values()) - once)
        ]
    persons = [person for group in groups for person in clusters.join(group, scores, source, once)]
    of_record = np.arange(len(keys))
    for person in persons:
        of_record[person] = person[0]
    return Linked(
        _told(pairs, keys, of_record, scorer),
        _clusters(keys, of_record.tolist(), source_column is not None),
        scorer.candidates,
        notes,
    )


def _scores(pairs: pa.Table) -> dict[tuple[int, int], float]:
    columns = (pairs[name].to_pylist() for name in (f"{ID}_l", f"{ID}_r", "match_weight"))
    return {(left, right): weight for left, right, weight in zip(*columns, strict=True)}


def _keys(records: pa.Table, id_column: str, source_column: str | None) -> list[tuple[str, str]]:
    """(source, id) of every record, as text."""
    ids = records[id_column].cast(pa.string()).to_pylist()
    missing = sum(record_id is None or not record_id.strip() for record_id in ids)
    if missing:
        raise InputError(
            f"{missing:,} of {len(ids):,} records have no {id_column}: give each record one."
        )
    if source_column:
        sources = [name or "" for name in records[source_column].cast(pa.string()).to_pylist()]
    else:
        sources = [""] * len(ids)
    keys = list(zip(sources, ids, strict=True))
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        shown = ", ".join(sorted(record_id for _, record_id in twice)[:3])
        raise InputError(
            f"{len(twice):,} values of {id_column} belong to more than one record"
            f"{' of their source' if source_column else ''} (such as {shown}): ids must be unique."
        )
    return keys


def _once(scores: Mapping[tuple[int, int], float], source: Mapping[int, str]) -> frozenset[str]:
    """The sources in which a person stands once, as far as the clear pairs tell."""
    partners: dict[str, Counter[int]] = defaultdict(Counter)
    for (left, right), weight in scores.items():
        if weight >= _CLEAR:
            partners[source[right]][left] += 1
            partners[source[left]][right] += 1
    return frozenset(
        name
        for name in set(source.values())
        if sum(count > 1 for count in partners[name].values()) <= _REPEATS * len(partners[name])
    )


def _told(
    pairs: pa.Table, keys: list[tuple[str, str]], of_record: NDArray[np.int64], scorer: Scorer
) -> pa.Table:
    """The pairs as they are handed out: linked, then for review, the likeliest first."""
    left, right = (pairs[f"{ID}_{side}"].to_numpy() for side in "lr")
    probability = pairs["match_probability"].to_numpy()
    review = of_record[left] != of_record[right]
    order = np.lexsort((right, left, -probability, review))
    kept = order[~review[order] | (probability[order] >= REVIEW)]
    pairs, left, right = pairs.take(kept), left[kept], right[kept]
    ids, sources = pa.array([key[1] for key in keys]), pa.array([key[0] for key in keys])
    return pa.table(
        {
            f"{ID}_l": ids.take(pa.array(left)),
            f"{ID}_r": ids.take(pa.array(right)),
            f"{SOURCE}_l": sources.take(pa.array(left)),
            f"{SOURCE}_r": sources.take(pa.array(right)),
            "match_probability": np.round(probability[kept], 6),
            "match_weight": np.round(pairs["match_weight"].to_numpy(), 3),
            "review": review[kept],
            "explanation": _explained(pairs, scorer),
            **{f"weight_{field}": part for field, part in weights(scorer.compared, pairs).items()},
        }
    )


def _explained(pairs: pa.Table, scorer: Scorer) -> pa.ChunkedArray:
    """Some at a time: as Python's texts they are many times as large."""
    starts = range(0, pairs.num_rows, _AT_ONCE)
    slices = (pairs.slice(start, _AT_ONCE) for start in starts)
    return pa.chunked_array([words(scorer.compared, some) for some in slices], pa.string())


def _clusters(keys: list[tuple[str, str]], of_record: list[int], has_sources: bool) -> pa.Table:
    """Every record with its cluster, which is named after its first record."""
    names = [f"{source}/{record}" if has_sources else record for source, record in keys]
    return pa.table(
        {
            ID: [record for _, record in keys],
            SOURCE: [source for source, _ in keys],
            "cluster_id": [names[first] for first in of_record],
        }
    )
