"""Compare the records with Splink and fit the model: pairs with their weights."""

# The SQL is put together from this package's own constants.
# ruff: noqa: S608
from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from splink import Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison

from linkage import blocking, fit
from linkage.backend import Backend
from linkage.comparisons import Comparison, comparisons

SAMPLE_RECORDS = 2_000
ID, SOURCE = "unique_id", "source_dataset"


@dataclass(frozen=True)
class Scored:
    """``pairs``: one row per pair above the asked weight, with ``unique_id_l`` and ``_r``,
    ``match_weight`` (log2 of the odds) and ``mw_<field>``, the part of each comparison."""

    pairs: pa.Table
    compared: list[Comparison]
    model: fit.Model
    candidates: int
    notes: list[str]


def score(
    backend: Backend, table: str, columns: Sequence[str], across: bool, least: float
) -> Scored:
    """Score the pairs of ``table`` (``unique_id``, ``source_dataset`` and normalised ``columns``).

    ``across`` compares only records of different sources. ``least`` is the smallest weight kept.
    """
    compared = comparisons(columns)
    chosen = blocking.rules(columns)
    sizes = [
        row["n"]
        for row in backend.rows(
            f"select count(*) as n from {table} group by {SOURCE}"
        ).to_pylist()
    ]
    records, largest = sum(sizes), blocking.cap(sum(sizes))
    all_pairs = (
        (records**2 - sum(n**2 for n in sizes)) / 2 if across else records * (records - 1) / 2
    )
    keyed = f"{table}_keyed"
    backend.create(keyed, blocking.keyed(table, [ID, SOURCE, *columns], chosen, largest))
    chance = f"{table}_sample"
    backend.create(
        chance, f"select * from {keyed} order by md5(cast({ID} as varchar(20))), {ID} limit {SAMPLE_RECORDS}"
    )
    rules = [
        CustomRule(
            f"l.{rule.column} = r.{rule.column}"
            + (f" and l.{SOURCE} <> r.{SOURCE}" if across else "")
        )
        for rule in chosen
    ]
    everything = [CustomRule(f"l.{SOURCE} <> r.{SOURCE}" if across else "1=1")]
    first = fit.start(compared, 0.001)
    blocked = _patterns(backend, keyed, compared, first, rules)
    sample = _patterns(backend, chance, compared, first, everything)
    model = fit.fit(compared, blocked, sample, all_pairs)
    predicted = _linker(backend, keyed, compared, model, rules).inference.predict(
        threshold_match_weight=least
    )
    parts = [
        f"mw_{item.field}"
        + (f" + mw_tf_adj_{item.field}" if any(x.rare for x in item.levels) else "")
        + f" as mw_{item.field}"
        for item in compared
    ]
    gammas = [f"gamma_{item.field}" for item in compared]
    pairs = backend.rows(
        f"select {ID}_l, {ID}_r, match_weight, match_probability, {', '.join([*parts, *gammas])}"
        f" from {predicted.physical_name} order by {ID}_l, {ID}_r"
    )
    return Scored(pairs, compared, model, int(blocked.pairs.sum()), [])


def _patterns(
    backend: Backend,
    table: str,
    compared: list[Comparison],
    model: fit.Model,
    rules: list[CustomRule],
) -> fit.Patterns:
    predicted = _linker(backend, table, compared, model, rules).inference.predict()
    names = ", ".join(f"gamma_{item.field}" for item in compared)
    rows = backend.rows(
        f"select {names}, count(*) as pairs from {predicted.physical_name} group by {names} order by {names}"
    )
    levels = np.column_stack([rows[f"gamma_{item.field}"].to_numpy() for item in compared])
    return fit.Patterns(levels.astype(np.int64), rows["pairs"].to_numpy().astype(float))


def _linker(
    backend: Backend,
    table: str,
    compared: list[Comparison],
    model: fit.Model,
    rules: list[CustomRule],
) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _splink(item, m, u) for item, m, u in zip(compared, model.m, model.u, strict=True)
        ],
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=model.prior,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    return Linker(backend.api.register(table), settings, log_level=logging.ERROR)


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
