"""Attribution as an analyst would write it: pandas and numpy over two Parquet files.

``python attribution_in_pandas.py touchpoints.parquet conversions.parquet credit.csv`` writes
conversions and value by model and channel, for the fourteen models that ``o2o attribute`` computes
by default. Sums are in floating point. It takes for granted what the command finds out: one
conversion type, one look-back window, consent, at most one conversion per customer, sound files.
"""

from __future__ import annotations

import sys
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd  # type: ignore[import-untyped]
from scipy import sparse

Array = npt.NDArray[Any]
LOOKBACK = pd.Timedelta(days=30)
HALF_LIFE = pd.Timedelta(days=7)


def read(touch_file: str, sale_file: str) -> tuple[Any, list[str]]:
    """A row per touch, journey by journey: those that led to a conversion, then all others."""
    touches = pd.read_parquet(touch_file, columns=["customer_id", "touched_at", "channel"])
    sales = pd.read_parquet(sale_file, columns=["customer_id", "converted_at", "value_minor"])
    names = touches["channel"].astype("category").cat
    touches["channel"], channels = names.codes.astype("int64"), list(names.categories)
    touches["customer"], customers = pd.factorize(touches.pop("customer_id"))
    sales["customer"] = pd.Index(customers).get_indexer(sales.pop("customer_id"))
    sales["journey"] = np.arange(len(sales))
    paths = touches.merge(sales, on="customer", how="left")
    age = paths["converted_at"] - paths["touched_at"]
    paths["converted"] = (age >= pd.Timedelta(0)) & (age <= LOOKBACK)
    paths["age"] = age / HALF_LIFE
    idle = len(sales) + paths["customer"]
    paths["journey"] = paths["journey"].where(paths["converted"], idle).astype("int64")
    paths = paths.sort_values(["journey", "touched_at"], ignore_index=True)
    return paths[["journey", "channel", "converted", "value_minor", "age"]], channels


def rules(paths: Any, channels: list[str]) -> dict[str, Array]:
    """Conversions and value by channel, shape (2, channels), of the eight rules."""
    paths = paths[paths["converted"]].reset_index(drop=True)
    journey = paths["journey"]
    place = paths.groupby("journey", sort=False).cumcount().to_numpy() + 1
    count = journey.groupby(journey, sort=False).transform("size").to_numpy()
    first, last = place == 1, place == count
    is_direct = paths["channel"].to_numpy() == channels.index("direct")
    other = pd.Series(np.where(is_direct, 0, place))
    newest = other.groupby(journey, sort=False).transform("max").to_numpy()
    decay = np.exp2(-paths["age"])
    shares = {
        "first": first,
        "last": last,
        "last_non_direct": place == np.where(newest > 0, newest, count),
        "linear": 1 / count,
        "time_decay": decay / decay.groupby(journey, sort=False).transform("sum"),
    }
    for name, (start, middle, end, rest) in {
        "position": (40, 0, 40, 20), "position_w": (30, 30, 30, 10), "position_j": (20, 0, 60, 20)
    }.items():  # fmt: skip
        has_middle = (count >= 3) & (middle > 0)
        others = np.maximum(count - 2 - has_middle, 0)
        is_middle = has_middle & (place == (count + 1) // 2)
        weight = start * first + end * last + middle * is_middle
        weight = np.where(first | last | is_middle, weight, rest / np.maximum(others, 1))
        total = start + end + middle * has_middle + rest * (others > 0)
        shares[name] = np.where(count == 1, 1.0, weight / total)
    channel, value = paths["channel"].to_numpy(), paths["value_minor"].to_numpy()
    return {
        name: np.stack([np.bincount(channel, w, len(channels)) for w in (share, share * value)])
        for name, share in shares.items()
    }


def markov(paths: Any, channels: list[str], order: int) -> Array:
    """Removal effects; a state is the last so many channels, put together as one number."""
    base = len(channels) + 1
    digit = paths["channel"].to_numpy() + 1
    journey = paths["journey"].to_numpy()
    place = paths.groupby("journey", sort=False).cumcount().to_numpy()
    state = digit.copy()
    for back in range(1, order):
        state[back:] += np.where(place[back:] >= back, digit[:-back], 0) * base**back
    before = np.where(place == 0, 0, np.concatenate([[0], state[:-1]]))
    ends = np.flatnonzero(np.append(journey[1:] != journey[:-1], True))
    steps = pd.DataFrame({"before": before, "after": state}).value_counts().reset_index()
    states = np.unique(np.append(state, 0))
    rows = np.searchsorted(states, steps["before"])
    columns = np.searchsorted(states, steps["after"])
    last = np.searchsorted(states, state[ends])
    visits = np.bincount(rows, steps["count"], len(states))
    visits += np.bincount(last, minlength=len(states))
    ending = np.bincount(last, paths["converted"].to_numpy()[ends], len(states)) / visits
    onward = sparse.csr_array(
        (steps["count"].to_numpy() / visits[rows], (rows, columns)), shape=(len(states),) * 2
    )
    # All removals at once, and nothing removed: from the conversion backwards.
    kept = (states % base - 1)[:, None] != np.arange(len(channels) + 1)
    chance = ending[:, None] * kept
    while True:
        further = (ending[:, None] + onward @ chance) * kept
        if np.abs(further - chance).max() < 1e-14:
            return np.asarray(1 - further[0, :-1] / further[0, -1])
        chance = further


def shapley(paths: Any, channels: list[str]) -> tuple[Array, Array]:
    """By the conversion rates of channel sets, and by equal parts of a journey's channels."""
    journey = paths["journey"].to_numpy()
    starts = np.flatnonzero(np.append(True, journey[1:] != journey[:-1]))
    table = paths.iloc[starts].assign(
        set=np.bitwise_or.reduceat(1 << paths["channel"].to_numpy(), starts)
    )
    table["value_minor"] = table["value_minor"].where(table["converted"], 0)
    sets = table.groupby("set").agg(
        converted=("converted", "sum"), count=("converted", "size"), value=("value_minor", "sum")
    )
    rates = np.zeros(1 << len(channels))
    rates[sets.index] = sets["converted"] / sets["count"]
    credit, inside = np.zeros((2, len(channels))), np.zeros((2, len(channels)))
    for whole, converted, _, value in sets.itertuples():
        players = [channel for channel in range(len(channels)) if whole >> channel & 1]
        paid = np.array([[converted], [value]])
        inside[:, players] += paid / len(players)
        if not converted:
            continue
        has = (np.arange(1 << len(players))[:, None] >> np.arange(len(players))) & 1
        worth = rates[has @ (1 << np.array(players))]
        size = len(players)
        weights = np.array([factorial(n) * factorial(size - n - 1) for n in range(size)])
        for place, player in enumerate(players):
            without = np.flatnonzero(has[:, place] == 0)
            gained = worth[without | 1 << place] - worth[without]
            share = weights[has[without].sum(axis=1)] @ gained / factorial(size)
            credit[:, [player]] += share * paid / rates[whole]
    return credit, inside


def main(touch_file: str, sale_file: str, out: str) -> None:
    paths, channels = read(touch_file, sale_file)
    found = rules(paths, channels)
    converted = paths[paths["converted"]].drop_duplicates("journey")
    totals = [len(converted), converted["value_minor"].sum()]
    for order in (1, 2, 3, 4):
        effects = markov(paths, channels, order)
        found[f"markov_{order}"] = np.outer(totals, effects / effects.sum())
    found["shapley"], found["shapley_inside"] = shapley(paths, channels)
    pd.concat(
        pd.DataFrame({"attribution_model": name, "channel": channels,
                      "conversions": credit[0], "value": credit[1]})
        for name, credit in found.items()
    ).to_csv(out, index=False)  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
