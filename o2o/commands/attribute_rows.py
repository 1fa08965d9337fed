"""The rows of credit that `o2o attribute` writes: those of fct_attribution."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.attribution.journeys import Codes, Integers
from analytics.attribution.touches import Flags, Paths
from o2o.commands.attribute_input import Input
from o2o.commands.attribute_windows import SEEDS

SCHEMA = pa.schema(
    [
        ("conversion_id", pa.string()),
        ("attribution_model", pa.string()),
        ("touchpoint_id", pa.string()),
        ("customer_id", pa.string()),
        ("channel", pa.string()),
        ("touch_type", pa.string()),
        ("campaign_id", pa.string()),
        ("conversion_type", pa.string()),
        ("direction", pa.string()),
        ("converted_at", pa.timestamp("us")),
        ("touched_at", pa.timestamp("us")),
        ("cash_date", pa.date32()),
        ("accrual_date", pa.date32()),
        ("touch_position", pa.int64()),
        ("touch_count", pa.int64()),
        ("credit_share", pa.decimal128(12, 9)),
        ("credit_minor", pa.int64()),
        ("currency_code", pa.string()),
        ("unattributed_reason", pa.string()),
    ]
)
BILLION = 1_000_000_000


class Rows:
    """The rows of some conversions: all but the credit is the same for every model."""

    def __init__(self, given: Input, time_zone: str, path: Paths, some: slice) -> None:
        self.given, self.time_zone = given, time_zone
        lengths = np.diff(path.starts)
        places = np.arange(some.start, some.stop)
        self.left = places[lengths == 0]
        owners = np.repeat(places, lengths)
        touches = given.touches
        chosen = pa.array(given.touch_order[path.touches])
        kinds, types = given.conversions.types[owners], touches.types[path.touches]
        times = touches.times[path.touches]
        counts = np.repeat(lengths, lengths)
        before = np.repeat(path.starts[:-1], lengths)
        self.of_touches = self._of_conversions(owners) | {
            "touchpoint_id": given.touch_table["touchpoint_id"].take(chosen),
            "channel": _named(given.channels, touches.channels[path.touches]),
            "touch_type": _named(given.touch_types, types),
            "campaign_id": given.touch_table["campaign_id"].take(chosen).cast(pa.string()),
            "direction": self._directions(types, kinds),
            "touched_at": pa.array(times, pa.timestamp("us")),
            "accrual_date": _days(times, time_zone),
            "touch_position": pa.array(np.arange(len(owners)) - before + 1),
            "touch_count": pa.array(counts),
        }
        self.of_the_rest = self._of_conversions(self.left)
        self.of_the_rest |= {
            "channel": pa.repeat("unattributed", len(self.left)),
            "accrual_date": self.of_the_rest["cash_date"],
            "touch_count": pa.repeat(pa.scalar(0, pa.int64()), len(self.left)),
            "unattributed_reason": self._reasons(path.is_withheld[lengths == 0]),
        }

    def credited(self, model: str, shares: Integers, money: Integers) -> pa.Table:
        """Rows of the touches that get credit, by shares in billionths and money."""
        return _table(model, self.of_touches, shares, money)

    def unattributed(self, model: str) -> pa.Table:
        """Rows of the conversions that no touch explains, with the reason."""
        shares = np.full(len(self.left), BILLION)
        return _table(model, self.of_the_rest, shares, self.given.conversions.values[self.left])

    def _of_conversions(self, places: Integers) -> dict[str, pa.Array]:
        given = self.given
        rows = pa.array(given.conversion_order[places])
        times = given.conversions.times[places]
        taken = {
            name: given.conversion_table[name].take(rows)
            for name in ("conversion_id", "customer_id", "currency_code")
        }
        return taken | {
            "conversion_type": _named(given.conversion_types, given.conversions.types[places]),
            "converted_at": pa.array(times, pa.timestamp("us")),
            "cash_date": _days(times, self.time_zone),
        }

    def _directions(self, types: Codes, kinds: Codes) -> pa.Array:
        before, after = _sides("touch"), _sides("conversion")
        pairs = [
            f"{before[touch]}_to_{after[kind]}" if touch in before and kind in after else None
            for touch in self.given.touch_types
            for kind in self.given.conversion_types
        ]
        return _named(pairs, types * len(self.given.conversion_types) + kinds)

    def _reasons(self, is_withheld: Flags) -> pa.Array:
        given = self.given
        customers = given.conversions.customers[self.left]
        rows = pa.array(given.conversion_order[self.left])
        has_consent = given.conversion_table["has_analytics_consent"].take(rows).to_numpy()
        names = ["no_consent", "anonymous", "no_match", "no_touch_in_window"]
        codes = np.where(given.touched_customers[customers], 3, 2)
        codes[is_withheld] = 0
        codes[customers < 0] = 1
        codes[~has_consent] = 0  # comes first: without it nobody is to know who converted
        return _named(names, codes)


def _table(model: str, columns: dict[str, pa.Array], shares: Integers, money: Integers) -> pa.Table:
    count = len(shares)
    # A decimal is 128 bits: the number of billionths, then its sign in all bits.
    wide = np.stack([shares, shares >> 63], axis=1)
    made = columns | {
        "attribution_model": pa.repeat(model, count),
        "credit_share": pa.Array.from_buffers(
            SCHEMA.field("credit_share").type, count, [None, pa.py_buffer(wide)]
        ),
        "credit_minor": pa.array(money),
    }
    absent = {field.name: pa.nulls(count, field.type) for field in SCHEMA}
    return pa.table([(absent | made)[name] for name in SCHEMA.names], SCHEMA)


def _named(names: Sequence[str | None], codes: Codes | Integers) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _days(times: Integers, time_zone: str) -> pa.Array:
    """The calendar days of moments where the clock on the wall shows ``time_zone``."""
    moments = pa.array(times, pa.timestamp("us", time_zone))
    return pc.cast(pc.local_timestamp(moments), pa.date32(), safe=False)


def _sides(of: str) -> dict[str, str]:
    with (SEEDS / f"attribution_{of}_types.csv").open(encoding="utf-8") as file:
        return {row[f"{of}_type"]: row["side"] for row in csv.DictReader(file)}
