"""Measurements with commands of their own; what they found stands in docs/measurements.md."""
