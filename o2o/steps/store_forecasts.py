"""What each shop may expect of the next four weeks: footfall and sales of its tills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.forecast import HORIZON, Forecast, forecast
from o2o.steps.shop_holidays import Shop

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.engines.warehouse import Reader

    Series = dict[str, dict[date, int]]

MODEL = "theta"
# A wrong date of the year 1 would make a panel of a million days: of the past so much is enough.
MOST_DAYS = 3 * 365


def results(reader: Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each shop, measure and day ahead."""
    table = reader.query(
        "select store_id, measure, demand_date, value, open_weekdays, country_code, region_code"
        " from intermediate.int_stores__demand"
    )
    for row in rows(table):
        yield "|".join((row["store_id"], row["measure"], row["forecast_date"])), row


def rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    found: dict[str, Series] = defaultdict(lambda: defaultdict(dict))
    shops: dict[str, Shop] = {}
    for row in table.to_pylist():
        found[row["measure"]][row["store_id"]][row["demand_date"]] = row["value"]
        shops[row["store_id"]] = Shop(
            _open(row["open_weekdays"]), row["country_code"], row["region_code"]
        )
    for store, shop in shops.items():
        came, sold = (found.get(each, {}).get(store, {}) for each in ("footfall", "sales"))
        shop.learn(came, sold, *_whole({"came": came, "sold": sold}))
    for measure, series in sorted(found.items()):
        first, last = _whole(series)
        if last >= first:
            yield from _measure(measure, series, shops, first, last)


def _whole(series: Mapping[str, Mapping[date, int]]) -> tuple[date, date]:
    """The first day and the last that is over. The newest day may not be whole: it is left out."""
    days = [day for values in series.values() for day in values]
    last = max(days) - timedelta(days=1)
    return max(min(days), last - timedelta(days=MOST_DAYS - 1)), last


def _measure(
    measure: str, series: Series, shops: Mapping[str, Shop], first: date, last: date
) -> Iterator[dict[str, Any]]:
    stores = sorted(series)
    count = (last - first).days + 1
    values = np.full((len(stores), count), np.nan)
    is_open = np.array([shops[store].open_weekdays for store in stores])
    for place, store in enumerate(stores):
        known = {(day - first).days: value for day, value in series[store].items()}
        begun = max(min(known), 0)
        if measure == "sales":  # what nobody bought has no row
            values[place, begun:] = 0
        for at, value in known.items():
            if 0 <= at < count:
                values[place, at] = max(value, 0)
        # Of an ordinary day a holiday on which it was closed says nothing.
        for nobody in np.flatnonzero(values[place] == 0):
            if shops[store].is_closed(first + timedelta(days=int(nobody))):
                values[place, nobody] = np.nan
    made = forecast(values, first.weekday(), is_open)
    for place, store in enumerate(stores):
        for ahead in range(HORIZON):
            day = last + timedelta(days=ahead + 1)
            shop = shops[store]
            opened = bool(is_open[place, day.weekday()]) and not shop.is_closed(day)
            yield {
                "store_id": store,
                "measure": measure,
                "forecast_date": str(day),
                "trained_until": str(last),
                "horizon_days": str(ahead + 1),
                "day_count": str(int((~np.isnan(values[place])).sum())),
                "is_open": "true" if opened else "false",
                "is_public_holiday": _flag(shop.is_holiday(day)),
                "holiday_name": shop.holiday(day),
                **_expected(made, place, ahead, opened),
            }


def _open(weekdays: str | None) -> list[bool]:
    """Monday first. Where nobody entered hours, no day is known to be closed."""
    if not weekdays:
        return [True] * 7
    told = {int(weekday) for weekday in weekdays.split(",")}
    return [weekday in told for weekday in range(1, 8)]


def _expected(made: Forecast, place: int, ahead: int, opened: bool) -> dict[str, str | None]:
    """As whole people or minor units, intervals rounded outward; or the reason why not."""
    tested = {
        "backtest_days": str(int(made.backtest_days[place])),
        "backtest_wape": _ratio(made.wape[place]),
        "naive_wape": _ratio(made.naive_wape[place]),
        "backtest_coverage": _ratio(made.coverage[place]),
    }
    if made.reason[place]:
        return {"reason": made.reason[place], **dict.fromkeys(tested)}
    if not opened:
        ends = (f"{end}_{level}" for end in ("low", "high") for level in (80, 95))
        return {"model": MODEL, "expected": "0", **dict.fromkeys(ends, "0"), **tested}
    return {
        "model": MODEL,
        "expected": str(round(float(made.mean[place, ahead]))),
        "low_80": _down(made.low[0.8][place, ahead]),
        "high_80": _up(made.high[0.8][place, ahead]),
        "low_95": _down(made.low[0.95][place, ahead]),
        "high_95": _up(made.high[0.95][place, ahead]),
        **tested,
    }


def _down(value: float) -> str:
    """A float's last digits tip no whole number."""
    return str(int(np.floor(value + 1e-6)))


def _up(value: float) -> str:
    return str(int(np.ceil(value - 1e-6)))


def _flag(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _ratio(value: float) -> str | None:
    """None where there is none, and where it is too large for its column."""
    return f"{value:.6f}" if np.isfinite(value) and value < 1000 else None
