"""Probabilistic record linkage: which records, alike but not equal, tell of one person.

Splink compares and scores (on DuckDB or Spark); this package prepares the records, chooses what is
compared by the fields that are there, fits the model and turns scores into decisions.
"""
