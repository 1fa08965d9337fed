"""What the joining of records is told of each group."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pyarrow as pa

from analytics.linkage import clusters
from analytics.linkage.backend import OnDuckDB
from analytics.linkage.fields import recognise
from analytics.linkage.normalise import normalise
from analytics.linkage.scoring import ID, SOURCE, Scorer
from benchmarks.linkage_sets import RecordSet

LEAST = -5.0


def test_every_pair_of_a_group_is_weighed_once_those_that_speak_against_it_too(
    small: RecordSet,
) -> None:
    fields = recognise(small.records.column_names)
    fields.pop("national_id", None)  # groups of more than one person need pairs that are alike
    spelled = normalise(small.records, fields)
    count = spelled.num_rows
    table = spelled.append_column(ID, pa.array(range(count), pa.int64()))
    table = table.append_column(SOURCE, pa.array([""] * count, pa.string()))
    backend = OnDuckDB()
    backend.load("given", table)
    scorer = Scorer(backend, "given", spelled.column_names)
    found = scorer.pairs(LEAST)
    # Groups of those who are alike, and of strangers, whose pairs were compared and weigh little.
    alike = clusters.candidates(
        {(row[f"{ID}_l"], row[f"{ID}_r"]): row["match_weight"] for row in found.to_pylist()},
        LEAST,
    )
    taken = {record for group in alike for record in group}
    strangers = [record for record in range(count) if record not in taken][:20]
    groups = [*alike, strangers]
    more = scorer.within(groups, LEAST)
    backend.close()
    weighed = Counter(
        (row[f"{ID}_l"], row[f"{ID}_r"]) for row in pa.concat_tables([found, more]).to_pylist()
    )
    wanted = {pair for group in groups for pair in combinations(sorted(group), 2)}
    assert wanted <= weighed.keys()
    assert set(weighed.values()) == {1}
