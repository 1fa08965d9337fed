"""Compare records, fit the model, weigh pairs: SQL that DuckDB and Spark both read.

Every pair is compared once. What is kept of it are the levels met and how rare the equal values
are; with these, the fitted model weighs it.
"""

# The SQL is put together from this package's own constants.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa

from analytics.linkage import blocking, fit
from analytics.linkage.backend import Backend
from analytics.linkage.comparisons import Comparison, comparisons

SAMPLE_RECORDS = 600
ID, SOURCE = "unique_id", "source_dataset"
_HOLDERS = ("given_sound", "surname_sound")  # what tells the people apart that share a phone
_RECORDS, _PAIRS, _COMPARED = "o2o_records", "o2o_pairs", "o2o_compared"


class Scorer:
    """Weighs the pairs of one table: ``unique_id``, ``source_dataset`` and normalised ``columns``.

    ``across`` compares only records of different sources.
    """

    def __init__(
        self, backend: Backend, table: str, columns: Sequence[str], across: bool = False
    ) -> None:
        self._backend = backend
        self._across = f" and l.{SOURCE} <> r.{SOURCE}" if across else ""
        self._columns = list(columns)
        self.compared = comparisons(columns)
        sizes = backend.rows(f"select count(*) as n from {table} group by {SOURCE}")["n"]
        of_source = [n.as_py() for n in sizes]
        self.records = sum(of_source)
        self.all_pairs = self.records * (self.records - 1) / 2 - (
            sum(n * (n - 1) / 2 for n in of_source) if across else 0
        )
        backend.create(_RECORDS, self._with_rarity(table))
        blocking.pairs(backend, _RECORDS, columns, _PAIRS, self._across)
        self._compare(_PAIRS, _COMPARED)

    def _with_rarity(self, table: str) -> str:
        """The records, with how rare each value is where that counts: its share of all values, or,
        of what identifies a person, how many people hold it."""
        known = blocking.without_defaults(table, self._named)
        who = next((name for name in _HOLDERS if name in self._columns), ID)
        ranks = [
            f"dense_rank() over (partition by {item.field} order by {who}) as holder_{item.field}"
            for item in self._rare
            if item.shared
        ]
        rarity = [
            f"cast(max(holder_{item.field}) over (partition by {item.field}) as double)"
            f" as rarity_{item.field}"
            if item.shared
            else f"cast(count(*) over (partition by {item.field}) as double)"
            f" / count({item.field}) over () as rarity_{item.field}"
            for item in self._rare
        ]
        return (
            f"select {', '.join([*self._named, *rarity])}"
            f" from (select {', '.join(['*', *ranks])} from ({known}))"
        )

    @property
    def _named(self) -> list[str]:
        return [ID, SOURCE, *self._columns]

    @property
    def _rare(self) -> list[Comparison]:
        return [item for item in self.compared if item.shared or item.levels[0].rare]

    def _compare(self, pairs: str, into: str) -> None:
        """Make the table ``into``: of every pair the level met per field (``gamma_``, the last
        level 0, -1 where the field says nothing) and how much an equal value's rarity adds."""
        sides = [
            f"{side}.{name} as {name}_{side}"
            for name in [*self._columns, *(f"rarity_{item.field}" for item in self._rare)]
            for side in "lr"
        ]
        met = [f"{_gamma(item)} as gamma_{item.field}" for item in self.compared]
        rarity = [f"rarity_{item.field}_l, rarity_{item.field}_r" for item in self._rare]
        adds = [f"{_rarity(item)} as rarity_{item.field}" for item in self._rare]
        ids = [f"{ID}_l", f"{ID}_r"]
        self._backend.create(
            into,
            f"select {', '.join([*ids, *(f'gamma_{x.field}' for x in self.compared), *adds])} from"
            f" (select {', '.join([*ids, *met, *rarity])} from"
            f" (select {', '.join([*(f'p.{name}' for name in ids), *sides])} from {pairs} p"
            f" join {_RECORDS} l on l.{ID} = p.{ID}_l join {_RECORDS} r on r.{ID} = p.{ID}_r))",
        )

    @cached_property
    def model(self) -> fit.Model:
        """The fitted model; see ``analytics.linkage.fit``."""
        order = f"md5(cast({ID} as string)), {ID}"  # by chance, but the same each time
        self._backend.create(
            "o2o_sample",
            f"select {ID}, {SOURCE} from {_RECORDS} order by {order} limit {SAMPLE_RECORDS}",
        )
        self._backend.create(
            "o2o_sample_pairs",
            f"select l.{ID} as {ID}_l, r.{ID} as {ID}_r from o2o_sample l"
            f" join o2o_sample r on l.{ID} < r.{ID}{self._across}",
        )
        self._compare("o2o_sample_pairs", "o2o_sample_compared")
        sample = self._patterns("o2o_sample_compared")
        return fit.fit(self.compared, self._blocked, sample, self.all_pairs)

    @property
    def candidates(self) -> int:
        """How many pairs were compared."""
        return int(self._blocked.pairs.sum())

    @cached_property
    def _blocked(self) -> fit.Patterns:
        return self._patterns(_COMPARED)

    def _patterns(self, compared: str) -> fit.Patterns:
        names = [f"gamma_{item.field}" for item in self.compared]
        by = ", ".join(names)
        rows = self._backend.rows(
            f"select {by}, count(*) as pairs from {compared} group by {by} order by {by}"
        )
        levels = np.column_stack([rows[name].to_numpy() for name in names]).astype(np.int64)
        return fit.Patterns(levels, rows["pairs"].to_numpy().astype(np.float64))

    def pairs(self, least: float) -> pa.Table:
        """All compared pairs of at least the weight ``least``.

        Columns: ``unique_id_l`` < ``unique_id_r``, ``match_weight`` (log2 of the odds),
        ``match_probability``, and per field ``mw_<field>`` (its part of the weight) and
        ``gamma_<field>`` (the level met, -1 where the field says nothing).
        """
        return self._weighed(_COMPARED, least)

    def within(self, groups: Iterable[Sequence[int]], least: float) -> pa.Table:
        """The pairs inside each group that ``pairs(least)`` does not have; columns as there."""
        members = [(record, number) for number, group in enumerate(groups) for record in group]
        self._backend.load(
            "o2o_groups",
            pa.table(
                {
                    ID: pa.array([record for record, _ in members], pa.int64()),
                    "group_id": pa.array([number for _, number in members], pa.int64()),
                }
            ),
        )
        self._backend.create(
            "o2o_members",
            f"select g.*, {SOURCE} from o2o_groups g join {_RECORDS} x on g.{ID} = x.{ID}",
        )
        self._backend.create(
            "o2o_inside",
            f"select l.{ID} as {ID}_l, r.{ID} as {ID}_r from o2o_members l join o2o_members r"
            f" on l.group_id = r.group_id and l.{ID} < r.{ID}{self._across}"
            f" except select {ID}_l, {ID}_r from {_PAIRS}",
        )
        self._compare("o2o_inside", "o2o_inside_compared")
        self._backend.create(
            "o2o_low",
            f"select c.* from {_COMPARED} c join o2o_members l on l.{ID} = c.{ID}_l"
            f" join o2o_members r on r.{ID} = c.{ID}_r and r.group_id = l.group_id",
        )
        return pa.concat_tables(
            [self._weighed("o2o_inside_compared"), self._weighed("o2o_low", below=least)]
        )

    def _weighed(self, compared: str, least: float = -1e9, below: float = 1e9) -> pa.Table:
        model = self.model
        parts = [
            f"{_weight(item, m, u)} as mw_{item.field}"
            for item, m, u in zip(self.compared, model.m, model.u, strict=True)
        ]
        gammas = [f"gamma_{item.field}" for item in self.compared]
        prior = float(np.log2(model.prior / (1 - model.prior)))
        total = " + ".join([str(prior), *(f"mw_{item.field}" for item in self.compared)])
        rows = self._backend.rows(
            f"select * from (select *, {total} as match_weight from"
            f" (select {', '.join([f'{ID}_l', f'{ID}_r', *gammas, *parts])} from {compared}))"
            f" where match_weight >= {least} and match_weight < {below} order by {ID}_l, {ID}_r"
        )
        return self._against_relatives(rows)

    def _against_relatives(self, rows: pa.Table) -> pa.Table:
        """The weights against all that the pair may be otherwise, not only against chance."""
        parts = {item.field: rows[f"mw_{item.field}"].to_numpy() for item in self.compared}
        home = fit.related(parts, self.model.relatives)
        penalty = -np.log2(1 + np.exp2(np.clip(home, -500, 500)))
        weight = rows["match_weight"].to_numpy() + penalty
        at = rows.schema.get_field_index("match_weight")
        return (
            rows.set_column(at, "match_weight", pa.array(weight))
            .append_column("match_probability", pa.array(1 / (1 + np.exp2(-weight))))
            .append_column("mw_relatives", pa.array(penalty))
        )


def _gamma(item: Comparison) -> str:
    first = len(item.levels) - 1
    levels = [
        f"when {level.condition} then {first - number}"
        for number, level in enumerate(item.levels[:-1])
    ]
    return f"cast(case when {item.ignore} then -1 {' '.join(levels)} else 0 end as tinyint)"


def _rarity(item: Comparison) -> str:
    """log2 of how rare the commoner of the two values is."""
    return f"cast(-log2(greatest(rarity_{item.field}_l, rarity_{item.field}_r)) as float)"


def _weight(item: Comparison, m: fit.Numbers, u: fit.Numbers) -> str:
    """A field's part of the weight: log2 of m / u. Where rare values count more, u of an equal one
    is its own share; and what is only similar counts no more than if it were equal."""
    met = np.log2(m / u)
    rarity, top = f"rarity_{item.field}", len(m) - 1
    equal = str(met[top])
    if item.shared:
        equal = f"{met[top]} + {rarity}"
    elif item.levels[0].rare:
        equal = f"{np.log2(m[top])} + {rarity}"
    levels = [
        f"when {number} then {f'least({weight}, {equal})' if weight > 0 else weight}"
        for number, weight in enumerate(met[:top])
    ]
    listed = " ".join(levels)
    return f"cast(case gamma_{item.field} when -1 then 0 {listed} else {equal} end as double)"
