"""docs/definitions.md: every metric, from the YAML that defines it."""

from __future__ import annotations

from itertools import groupby

from o2o.metrics.definitions import Metric, catalogue

_HEAD = """# Metrics

<!-- Written by `make docs` from dbt_project/models/semantic/. -->

Each metric is defined once, in dbt's semantic models; `o2o metrics`, the overview page and every
tool that reads dbt's semantic layer compute it from there. [Definitions](definitions.md) says what
the amounts and counts beneath mean, and why.

- **Money** is the reporting currency's, converted by the rate of the order's own day.
- **Days** are the store's own where a store is meant, else the reporting time zone's; of spend, the
  ad account's.
- **A ratio** is the sum above over the sum below, of whatever the rows are grouped by: never a mean
  of ratios.
- Where nothing is known of a day, store or channel there is no figure, not 0.

```sh
o2o metrics list
o2o metrics show roas
o2o metrics query revenue orders --by metric_time__month --by order__order_channel
o2o metrics query store_conversion_rate --by store__store_name --since 2026-03-01 --csv
```
"""


def page() -> str:
    """The whole page, as Markdown."""
    lines = [_HEAD]
    for area, metrics in groupby(catalogue(), key=lambda metric: metric.area):
        lines += [
            f"## {area.capitalize()}",
            "",
            "| Metric | Meaning | Formula | Of the day | Refunds | Unit | Owner | As in |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(metric) for metric in metrics),
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(metric: Metric) -> str:
    marts = ", ".join(f"`{mart}`" for mart in metric.marts)
    cells = [
        f"`{metric.name}`",
        f"**{metric.label}.** {metric.description}",
        f"`{metric.formula}` of {marts}",
        ", ".join(f"`{day}`" for day in metric.days),
        metric.refunds or "–",
        metric.unit,
        metric.owner,
        metric.source,
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(page(), end="")
