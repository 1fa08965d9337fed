"""Statistics as libraries: arrays and tables in, results out."""
