"""The way from the first touch to the order, as a Sankey diagram: where its bars and bands lie.

A column is a touch; what flows into a channel flows out of it, to the next touch or to an order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from o2o.report.overview.facts import Step, channel_name

WIDTH, HEIGHT = 1100, 450
HEAD, GAP, BAR, MARGIN = 26, 7, 11, 128  # above, between bars, a bar's width, names at the right
COLUMNS, CHANNELS = 4, 8
ORDERS = {"web_order": "Bought online", "till_order": "Bought in a shop"}
OTHER, FURTHER = "Other channels", "Further touches"


@dataclass(frozen=True)
class Bar:
    """A channel or an order in a column. ``colour``: a channel's number, -1 of an order."""

    name: str
    count: int
    x: float
    y: float
    height: float
    colour: int


@dataclass(frozen=True)
class Band:
    """Journeys that went from one bar to another; ``path`` is the middle of the band."""

    path: str
    width: float
    colour: int
    told: str


@dataclass(frozen=True)
class Sankey:
    """``heads``: what stands above the columns, and where."""

    journeys: int
    bars: list[Bar]
    bands: list[Band]
    heads: list[tuple[float, str]]


def sankey(steps: Sequence[Step]) -> Sankey | None:
    """The first four touches; None where no order began with one."""
    flows, channels = _flows(steps)
    if not flows:
        return None
    sizes: dict[tuple[int, str], int] = defaultdict(int)
    for (position, origin, target), count in flows.items():
        if position == 1:
            sizes[1, origin] += count
        sizes[position + 1, target] += count
    bars = _bars(sizes, channels)
    last = max(position for position, _ in sizes)
    heads = ["First touch", "Second", "Third", "Fourth"][: last - 1]
    return Sankey(
        journeys=sum(count for (position, _), count in sizes.items() if position == 1),
        bars=list(bars.values()),
        bands=_bands(flows, bars),
        heads=[(_x(i, last), head) for i, head in enumerate(heads, 1)],
    )


def _flows(
    steps: Sequence[Step],
) -> tuple[Counter[tuple[int, str, str]], list[str]]:
    """Journeys from a bar to one of the next column; small channels are one. And the channels."""
    weight: Counter[str] = Counter()
    for step in steps:
        weight[step.origin] += step.journeys
    # Equal ones by name, so that the same figures give the same picture.
    ranked = sorted(weight, key=lambda channel: (-weight[channel], channel))
    shown = {channel: channel_name(channel) for channel in ranked[:CHANNELS]}
    flows: Counter[tuple[int, str, str]] = Counter()
    for step in steps:
        if step.position > COLUMNS:
            continue
        if step.target == "converted":
            target = ORDERS[step.order]
        elif step.position == COLUMNS:
            target = FURTHER
        else:
            target = shown.get(step.target, OTHER)
        flows[step.position, shown.get(step.origin, OTHER), target] += step.journeys
    return flows, [*shown.values(), OTHER]


def _bars(sizes: dict[tuple[int, str], int], channels: list[str]) -> dict[tuple[int, str], Bar]:
    order = [*channels, FURTHER, *ORDERS.values()]
    columns: dict[int, list[str]] = defaultdict(list)
    for position, name in sorted(sizes, key=lambda key: (key[0], order.index(key[1]))):
        columns[position].append(name)
    last = max(columns)
    scale = min(
        (HEIGHT - HEAD - GAP * (len(members) - 1)) / sum(sizes[position, name] for name in members)
        for position, members in columns.items()
    )
    bars = {}
    for position, members in columns.items():
        y = float(HEAD)
        for name in members:
            count = sizes[position, name]
            colour = channels.index(name) if name in channels else -1
            bars[position, name] = Bar(name, count, _x(position, last), y, count * scale, colour)
            y += count * scale + GAP
    return bars


def _bands(flows: Counter[tuple[int, str, str]], bars: dict[tuple[int, str], Bar]) -> list[Band]:
    """Bands of a bar lie one above the other, in the order of what they lead to or come from."""
    left: dict[tuple[int, str], float] = defaultdict(float)
    right: dict[tuple[int, str], float] = defaultdict(float)
    bands = []
    ordered = sorted(
        flows.items(),
        key=lambda item: (
            item[0][0],
            bars[item[0][0], item[0][1]].y,
            bars[item[0][0] + 1, item[0][2]].y,
        ),
    )
    for (position, origin, target), count in ordered:
        start, end = bars[position, origin], bars[position + 1, target]
        width = start.height * count / start.count
        y0 = start.y + left[position, origin] + width / 2
        y1 = end.y + right[position + 1, target] + width / 2
        left[position, origin] += width
        right[position + 1, target] += width
        x0, x1 = start.x + BAR, end.x
        middle = (x0 + x1) / 2
        path = f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
        told = f"{origin} → {target}: {count:,}"
        bands.append(Band(path, width, start.colour, told))
    return bands


def _x(position: int, last: int) -> float:
    return (position - 1) * (WIDTH - MARGIN - BAR) / (last - 1)
