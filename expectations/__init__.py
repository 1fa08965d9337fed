"""Judges data, and nothing else: checks on what landed and on the marts before they are published.

``runner.run`` executes the checks of one boundary with Great Expectations and writes the verdict;
``report.write`` turns the verdicts into a page for the people who own the data.
"""
