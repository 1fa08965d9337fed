"""Forecast: daily demand of many shops at once, with intervals and an honest back-test.

Pure functions: arrays in, arrays out. ``docs/definitions.md`` says what the figures mean.
"""

from analytics.forecast.backtest import HORIZON, LEVELS, Forecast, forecast

__all__ = ["HORIZON", "LEVELS", "Forecast", "forecast"]
