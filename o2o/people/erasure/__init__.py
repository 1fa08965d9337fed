"""Erasing a person from everything this installation holds; ``docs/erasure.md`` tells how."""
