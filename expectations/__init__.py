"""Judges data, and nothing else: checks on what landed and on the marts before they are published.

The checks lie in ``checks/``, by theme; ``catalogue`` reads them. ``runner`` executes those of one
boundary with Great Expectations and writes the verdict.
"""
