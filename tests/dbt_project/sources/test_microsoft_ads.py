"""What Microsoft Advertising serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e

# A day without any figure is not in the report.
HAS_FIGURES = "impressions + clicks + cost_micros + conversions > 0"


@pytest.fixture(scope="module")
def microsoft(build: Build) -> Built:
    return build("microsoft_ads")


def test_the_contracts_hold(microsoft: Built) -> None:
    microsoft.assert_contracts_hold()


def test_accounts(microsoft: Built) -> None:
    microsoft.assert_same(
        """select account_no::varchar, account_name, time_zone, currency_code from ad_accounts
        where platform = 'microsoft_ads'""",
        f"""select account_id, account_name, time_zone, currency_code
        from {microsoft.contract("ad_accounts")}""",
    )


def test_campaigns(microsoft: Built) -> None:
    """Those that are listed, and those deleted ones that the reports tell of."""
    microsoft.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, name,
            map {{'ENABLED': 'Active', 'REMOVED': 'Deleted'}}[status],
            map {{'SEARCH': 'Search', 'SHOPPING': 'Shopping', 'DISPLAY': 'Audience'}}[channel_type],
            case when status <> 'REMOVED' then start_date end,
            case when status <> 'REMOVED' then daily_budget_micros end
        from {microsoft.world("campaigns")}
        where platform = 'microsoft_ads' and (status <> 'REMOVED' or campaign_no in (
            select campaign_no from {microsoft.world("ad_daily")} where {HAS_FIGURES}
        ))""",
        f"""select account_id, campaign_id, campaign_name, status, channel_type, start_date,
            daily_budget_micros
        from {microsoft.contract("ad_campaigns")}""",
    )


def test_spend(microsoft: Built) -> None:
    """Told to the cent; conversions after a view alone are none of the claims."""
    microsoft.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, date,
            (round(cost_micros / 10000) * 10000)::bigint, impressions, clicks,
            (conversions - view_conversions)::decimal(18, 2)::decimal(18, 6),
            conversions_value::decimal(18, 2)::decimal(18, 6)
        from {microsoft.world("ad_daily")} join campaigns using (campaign_no)
        where platform = 'microsoft_ads' and {HAS_FIGURES}""",
        f"""select account_id, campaign_id, spend_date, cost_micros, impression_count, click_count,
            claimed_conversions, claimed_value_amount
        from {microsoft.contract("ad_spend")}""",
    )
