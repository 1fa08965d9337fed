"""Compare records with Splink: fit the model, then weigh pairs."""

# The SQL is put together from this package's own constants.
# ruff: noqa: S608
from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
from splink import Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison

from analytics.linkage import blocking, fit
from analytics.linkage.backend import Backend
from analytics.linkage.comparisons import Comparison, comparisons

SAMPLE_RECORDS = 1_200
NOTABLE = 0.05  # share of the records from which on it is said that a rule was too wide
ID, SOURCE = "unique_id", "source_dataset"
_TABLE, _SAMPLE, _GROUPS, _GROUPED = "o2o_records", "o2o_sample", "o2o_groups", "o2o_grouped"


class Scorer:
    """Weighs the pairs of one table: ``unique_id``, ``source_dataset`` and normalised ``columns``.

    ``across`` compares only records of different sources.
    """

    def __init__(
        self, backend: Backend, table: str, columns: Sequence[str], across: bool = False
    ) -> None:
        self._backend = backend
        self._across = f" and l.{SOURCE} <> r.{SOURCE}" if across else ""
        self.compared = comparisons(columns)
        sizes = backend.rows(f"select count(*) as n from {table} group by {SOURCE}")["n"]
        of_source = [n.as_py() for n in sizes]
        self.records = sum(of_source)
        self.all_pairs = self.records * (self.records - 1) / 2 - (
            sum(n * (n - 1) / 2 for n in of_source) if across else 0
        )
        self._blocks = blocking.rules(columns, self.records)
        self._columns = [ID, SOURCE, *columns]
        largest = blocking.cap(self.records)
        backend.create(_TABLE, blocking.keyed(table, self._columns, self._blocks, largest))
        self.notes = self._left_out(table, largest)

    def _left_out(self, table: str, largest: int) -> list[str]:
        """The rules that are too wide for a good part of the records, in words."""
        if not self._blocks:
            return []
        before, after = (
            self._backend.rows(f"select {', '.join(counted)} from {source}").to_pylist()[0]
            for source, counted in (
                (table, [f"count({rule.key}) as {rule.column}" for rule in self._blocks]),
                (_TABLE, [f"count({rule.column}) as {rule.column}" for rule in self._blocks]),
            )
        )
        return [
            f"{before[rule.column] - after[rule.column]:,} records share their {rule.words} with"
            f" more than {largest:,} others: not compared for that alone"
            for rule in self._blocks
            if before[rule.column] - after[rule.column] > NOTABLE * self.records
        ]

    @cached_property
    def model(self) -> fit.Model:
        """The fitted model; see ``analytics.linkage.fit``."""
        order = f"md5(cast({ID} as string)), {ID}"  # by chance, but the same each time
        self._backend.create(
            _SAMPLE, f"select * from {_TABLE} order by {order} limit {SAMPLE_RECORDS}"
        )
        sample = self._patterns(_SAMPLE, [CustomRule(f"1 = 1{self._across}")])
        return fit.fit(self.compared, self._blocked, sample, self.all_pairs)

    @property
    def candidates(self) -> int:
        """How many pairs were compared."""
        return int(self._blocked.pairs.sum())

    @cached_property
    def _blocked(self) -> fit.Patterns:
        return self._patterns(_TABLE, self._rules)

    @property
    def _rules(self) -> list[CustomRule]:
        return [
            CustomRule(f"l.{rule.column} = r.{rule.column}{self._across}") for rule in self._blocks
        ]

    def pairs(self, least: float) -> pa.Table:
        """All compared pairs of at least the weight ``least``.

        Columns: ``unique_id_l`` < ``unique_id_r``, ``match_weight`` (log2 of the odds),
        ``match_probability``, and per field ``mw_<field>`` (its part of the weight) and
        ``gamma_<field>`` (the level met, -1 where the field says nothing).
        """
        return self._weighed(_TABLE, self._rules, least)

    def within(self, groups: Iterable[Sequence[int]]) -> pa.Table:
        """All pairs inside each group, compared before or not; columns as ``pairs``."""
        members = [(record, number) for number, group in enumerate(groups) for record in group]
        self._backend.load(
            _GROUPS,
            pa.table(
                {
                    ID: pa.array([record for record, _ in members], pa.int64()),
                    "group_id": pa.array([number for _, number in members], pa.int64()),
                }
            ),
        )
        names = ", ".join(f"{_TABLE}.{name}" for name in self._columns)
        # All records stay in the table: how rare a value is, is counted over all.
        self._backend.create(
            _GROUPED,
            f"select {names}, group_id from {_TABLE} left join {_GROUPS}"
            f" on {_TABLE}.{ID} = {_GROUPS}.{ID}",
        )
        return self._weighed(_GROUPED, [CustomRule(f"l.group_id = r.group_id{self._across}")])

    def _weighed(self, table: str, rules: list[CustomRule], least: float | None = None) -> pa.Table:
        linker = self._linker(table, rules, self.model)
        predicted = linker.inference.predict(threshold_match_weight=least)
        columns = [f"{ID}_l", f"{ID}_r", "match_weight"]
        for item in self.compared:
            rarity = f" + mw_tf_adj_{item.field}" if any(x.rare for x in item.levels) else ""
            columns += [f"mw_{item.field}{rarity} as mw_{item.field}", f"gamma_{item.field}"]
        rows = self._backend.rows(
            f"select {', '.join(columns)} from {predicted.physical_name} order by {ID}_l, {ID}_r"
        )
        predicted.drop_table_from_database_and_remove_from_cache()
        return self._against_relatives(rows)

    def _against_relatives(self, rows: pa.Table) -> pa.Table:
        """The weights against all that the pair may be otherwise; Splink knows of chance only."""
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

    def _patterns(self, table: str, rules: list[CustomRule]) -> fit.Patterns:
        linker = self._linker(table, rules, fit.start(self.compared))
        predicted = linker.inference.predict()
        names = [f"gamma_{item.field}" for item in self.compared]
        listed = ", ".join(names)
        rows = self._backend.rows(
            f"select {listed}, count(*) as pairs from {predicted.physical_name}"
            f" group by {listed} order by {listed}"
        )
        predicted.drop_table_from_database_and_remove_from_cache()
        levels = np.column_stack([rows[name].to_numpy() for name in names]).astype(np.int64)
        return fit.Patterns(levels, rows["pairs"].to_numpy().astype(np.float64))

    def _linker(self, table: str, rules: list[CustomRule], model: fit.Model) -> Linker:
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[
                _splink(item, m, u)
                for item, m, u in zip(self.compared, model.m, model.u, strict=True)
            ],
            blocking_rules_to_generate_predictions=rules,
            probability_two_random_records_match=model.prior,
            retain_matching_columns=True,  # else Splink leaves out which level was met
            retain_intermediate_calculation_columns=True,
        )
        return Linker(self._backend.api.register(table), settings, log_level=logging.ERROR)


def _splink(item: Comparison, m: fit.Numbers, u: fit.Numbers) -> CustomComparison:
    levels = [CustomLevel(item.ignore, "says nothing").configure(is_null_level=True)]
    for level, of_true, of_others in zip(item.levels, m[::-1], u[::-1], strict=True):
        made = CustomLevel(level.condition, level.words).configure(
            m_probability=float(of_true), u_probability=float(of_others)
        )
        if level.rare:
            made.configure(tf_adjustment_column=item.field, tf_adjustment_weight=1.0)
        levels.append(made)
    return CustomComparison(levels, output_column_name=item.field)
