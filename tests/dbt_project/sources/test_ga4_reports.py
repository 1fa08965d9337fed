"""What GA4 adds up of the world stands in the contract as the world's events have it."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e

IN_SESSION = "user_pseudo_id is not null and ga_session_id is not null"


@pytest.fixture(scope="module")
def reports(build: Build) -> Built:
    return build("ga4_reports")


def test_the_contracts_hold(reports: Built) -> None:
    reports.assert_contracts_hold()


def test_sessions_and_purchases_of_each_day(reports: Built) -> None:
    """Events without consent are in no session. Revenue to the cent; the property counts euros."""
    reports.assert_same(
        f"""select event_date, 'Europe/Berlin', 'EUR',
            count(distinct user_pseudo_id || '.' || ga_session_id),
            count(distinct transaction_id) filter (event_name = 'purchase')
        from {reports.world("web_events")} where {IN_SESSION} group by all""",
        f"""select total_date, time_zone, currency_code, sum(session_count), sum(order_count)
        from {reports.contract("web_totals")} group by all""",
    )
    reports.assert_same(
        f"""select event_date, sum(value_minor) from (
            select distinct event_date, transaction_id, value_minor
            from {reports.world("web_events")}
            where {IN_SESSION} and event_name = 'purchase' and currency_code = 'EUR'
        ) group by all""",
        f"""select total_date, sum(revenue_minor) from {reports.contract("web_totals")}
        group by all having sum(revenue_minor) > 0""",
    )


def test_what_says_nothing_of_the_traffic_is_null(reports: Built) -> None:
    found = reports.rows(
        f"""select count(*) filter (source is null and medium is null),
            count(*) filter (source like '(%' or medium like '(%' or campaign_name like '(%'),
            count(*) filter (is_partial)
        from {reports.contract("web_totals")}"""
    )
    ((direct, in_brackets, partial),) = found
    assert direct > 0
    assert (in_brackets, partial) == (0, 0)


def test_every_day_with_a_total_is_told(reports: Built) -> None:
    reports.assert_same(
        f"select distinct total_date from {reports.contract('web_totals')}",
        f"""select restated_date from {reports.contract("restated_days")}
        where contract_name = 'web_totals' and restated_date in (
            select total_date from {reports.contract("web_totals")}
        )""",
    )
