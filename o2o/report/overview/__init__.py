"""The overview: what the company sells and what brings it, one HTML file for a browser offline.

It is made from the published file alone, once for each publication, so it says what everybody's
queries say. Nothing runs in it and it asks nobody for anything: its policy forbids both.
"""

from o2o.report.overview.html import OverviewFailed, page, write

__all__ = ["OverviewFailed", "page", "write"]
