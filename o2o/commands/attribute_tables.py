"""Attribution over tables that are not the warehouse's: their contracts, and what is credited.

It says what the warehouse's SQL would say, row for row; tests hold the two together. Arrays do it
in a tenth of the time that SQL takes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from analytics.attribution import exact, models, touches
from analytics.attribution.heuristics import DIRECT, Rule
from analytics.attribution.journeys import Integers, Journeys
from analytics.attribution.models import SOLVED, Answer
from analytics.attribution.touches import Paths
from analytics.errors import InputError
from o2o.commands.attribute_input import Input, load
from o2o.commands.attribute_rows import Rows
from o2o.commands.attribute_windows import SEEDS

TOUCHES_AT_A_TIME = 1_000_000
TRILLION = 1_000_000_000_000

Write = Callable[[pa.Table], None]


@dataclass
class Credits:
    """What attribution over given tables comes to.

    ``summary`` has one row per conversion type, model and channel, with what its touches are
    credited: shares in conversions, money in minor units. ``journeys`` and ``answers`` have an
    entry per conversion type that has any journey: each converted one by itself; what each model
    says of them. ``notes`` are what the user should know.
    """

    conversions: int
    currency_codes: tuple[str | None, ...]
    notes: list[str]
    rules: list[Rule]
    models: list[str] = field(default_factory=list)
    journeys: dict[str, Journeys] = field(default_factory=dict)
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    summary: list[tuple[str, str, str, float, int]] = field(default_factory=list)


def attribute(
    touchpoints: Path,
    conversions: Path,
    windows: Path | None = None,
    chosen: Sequence[str] = (),
    half_life_days: float = 7.0,
    time_zone: str = "UTC",
    write: Write | None = None,
) -> Credits:
    """Credit every touch of ``touchpoints`` for the ``conversions`` it may have led to.

    ``chosen`` are names of seeds/attribution_models.csv, all if none. ``write`` gets the rows of
    fct_attribution as Arrow tables. Raises ``InputError``.
    """
    rules = _rules(chosen)
    given = load(touchpoints, conversions, windows)
    plain = [rule for rule in rules.values() if rule]
    found = Credits(len(given.conversions), given.currency_codes, given.notes, plain)
    paths = list(touches.paths(given.touches, given.conversions, given.windows, TOUCHES_AT_A_TIME))
    weights = _answer(given, paths, found, list(rules), bool(chosen), half_life_days)
    # Where nothing converted there is nothing to solve; a model is solved for all types or none.
    is_solved = any(mine.conversions.any() for mine in found.journeys.values())
    everywhere = [name for name in rules if all(name in a for a in found.answers.values())]
    found.models = [name for name in everywhere if is_solved or name not in SOLVED]
    totals = _Totals(given, found.models)
    begin = 0
    for path in paths:
        some = slice(begin, begin + len(path.is_withheld))
        begin = some.stop
        totals.begin(path, some)
        rows = Rows(given, time_zone, path, some) if write else None
        for model, credit in _credit(
            given, path, some, found.models, rules, weights, half_life_days
        ):
            totals.add(model, *credit)
            if write and rows:
                write(rows.credited(model, *credit))
                write(rows.unattributed(model))
    found.summary = totals.rows()
    return found


def _rules(chosen: Sequence[str]) -> dict[str, Rule | None]:
    """The models by name, in the order of their seed: a rule each, none where it is solved."""
    with (SEEDS / "attribution_models.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known: dict[str, Rule | None] = {}
    for row in rows:
        name, kind = row["attribution_model"], row["rule"]
        parts = [int(row[f"{part}_percent"] or 0) for part in ("first", "middle", "last", "rest")]
        known[name] = None if kind == "channel_weight" else Rule(name, kind, *parts)
    for name in chosen:
        if name not in known:
            raise InputError(f"{name!r} is not a model: choose from {', '.join(known)}")
    return {name: rule for name, rule in known.items() if name in chosen or not chosen}


def _answer(
    given: Input, paths: Sequence[Paths], found: Credits, names: list[str], are_chosen: bool,
    half_life_days: float,
) -> Integers:  # fmt: skip
    """Put journeys and answers of each conversion type into ``found``; returns the weights of the
    solved models in trillionths, shape (solved models, conversion types, channels)."""
    shape = (len(SOLVED), len(given.conversion_types), len(given.channels))
    weights = np.ones(shape, dtype=np.int64)
    for kind, name in enumerate(given.conversion_types):
        mine, codes = _journeys(given, paths, kind)
        if not len(mine):
            continue
        answers, left_out = models.answers(names, mine, found.rules, half_life_days)
        for model, reason in left_out.items():
            if are_chosen:
                raise InputError(reason)
            found.notes.append(f"{model} is left out: {reason}")
        found.journeys[name], found.answers[name] = mine, answers
        for place, model in enumerate(SOLVED):
            if model in answers:
                weight = np.round(answers[model].weights, 12) * TRILLION
                weights[place, kind, codes] = np.rint(weight).astype(np.int64)
    return weights


def _journeys(given: Input, paths: Sequence[Paths], kind: int) -> tuple[Journeys, Integers]:
    """All journeys of a conversion type, and which channels they have, as places in the input's."""
    is_credited = np.zeros(len(given.touches), dtype=bool)
    chosen, ages, lengths, owners = [], [], [], []
    begin = 0
    for path in paths:
        each = np.diff(path.starts)
        is_mine = given.conversions.types[begin : begin + len(each)] == kind
        kept = np.repeat(is_mine, each)
        chosen.append(path.touches[kept])
        ages.append(path.ages[kept])
        has_touches = np.flatnonzero(is_mine & (each > 0))
        lengths.append(each[has_touches])
        owners.append(begin + has_touches)
        is_credited[chosen[-1]] = True
        begin += len(each)
    idle, idle_starts = touches.idle_journeys(
        given.touches, given.conversions, given.windows, kind, is_credited
    )
    chosen.append(idle)
    ages.append(np.zeros(len(idle), dtype=np.int64))
    lengths.append(np.diff(idle_starts))
    channels = given.touches.channels[np.concatenate(chosen)]
    is_there = np.bincount(channels, minlength=len(given.channels)) > 0
    values = given.conversions.values[np.concatenate(owners)].astype(np.float64)
    idle_count = len(idle_starts) - 1
    converted = np.repeat([1.0, 0.0], [len(values), idle_count])
    found = Journeys(
        tuple(name for name, is_used in zip(given.channels, is_there, strict=True) if is_used),
        (np.cumsum(is_there, dtype=np.int32) - np.int32(1))[channels],
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.concatenate(lengths))]),
        converted,
        np.concatenate([values, np.zeros(idle_count)]),
        1 - converted,
        np.concatenate(ages) / exact.DAY,
    )
    return found, np.flatnonzero(is_there)


def _credit(
    given: Input, path: Paths, some: slice, names: Sequence[str],
    rules: dict[str, Rule | None], weights: Integers, half_life_days: float,
) -> Iterator[tuple[str, tuple[Integers, Integers]]]:  # fmt: skip
    """Model by model, shares in billionths and money in minor units of the touches of a path."""
    lengths = np.diff(path.starts)
    channels = given.touches.channels[path.touches]
    kinds = np.repeat(given.conversions.types[some], lengths)
    direct = [place for place, name in enumerate(given.channels) if name.lower() == DIRECT]
    placed = exact.Placed(
        np.append(path.starts[:-1][lengths > 0], path.starts[-1]),
        np.repeat(given.conversions.values[some], lengths),
        path.ages,
        np.isin(channels, direct),
    )
    for name in names:
        rule = rules[name]
        if rule:
            yield name, exact.of_rule(rule, placed, half_life_days)
        else:
            yield name, exact.of_weights(weights[SOLVED.index(name)][kinds, channels], placed)


class _Totals:
    """Sums of credit, in whole numbers, by model, conversion type and channel."""

    def __init__(self, given: Input, names: Sequence[str]) -> None:
        self.given = given
        # The last of the channels is what no touch is credited for.
        self.shape = (len(given.conversion_types), len(given.channels) + 1)
        self.sums = {name: np.zeros((2, *self.shape), dtype=np.int64) for name in names}
        self.is_there = np.zeros(self.shape, dtype=bool)

    def begin(self, path: Paths, some: slice) -> None:
        """From here on it is the credit of these paths that is added."""
        lengths = np.diff(path.starts)
        kinds = self.given.conversions.types[some]
        channels = self.given.touches.channels[path.touches]
        self.cells = np.repeat(kinds, lengths) * self.shape[1] + channels
        left = kinds[lengths == 0]
        values = self.given.conversions.values[some][lengths == 0]
        np.logical_or.at(self.is_there.reshape(-1), self.cells, True)
        self.is_there[left, -1] = True
        for sums in self.sums.values():
            np.add.at(sums[0, :, -1], left, exact.BILLION)
            np.add.at(sums[1, :, -1], left, values)

    def add(self, model: str, shares: Integers, money: Integers) -> None:
        for kind, amounts in enumerate((shares, money)):
            np.add.at(self.sums[model][kind].reshape(-1), self.cells, amounts)

    def rows(self) -> list[tuple[str, str, str, float, int]]:
        """Conversion type, model, channel, conversions and money, in this order."""
        channels = [*self.given.channels, "unattributed"]
        found = []
        for i, j in np.argwhere(self.is_there).tolist():
            for model, (shares, money) in self.sums.items():
                place = self.given.conversion_types[i], model, channels[j]
                found.append((*place, int(shares[i, j]) / exact.BILLION, int(money[i, j])))
        return sorted(found)
