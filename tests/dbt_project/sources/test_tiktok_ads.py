"""What TikTok Ads serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def tiktok(build: Build) -> Built:
    return build("tiktok_ads")


def test_the_contracts_hold(tiktok: Built) -> None:
    tiktok.assert_contracts_hold()


def test_accounts(tiktok: Built) -> None:
    tiktok.assert_same(
        """select account_no::varchar, account_name, time_zone, currency_code from ad_accounts
        where platform = 'tiktok_ads'""",
        f"""select account_id, account_name, time_zone, currency_code
        from {tiktok.contract("ad_accounts")}""",
    )


def test_campaigns(tiktok: Built) -> None:
    """Deleted ones, too. A campaign has no days of its own."""
    statuses = "map {'ENABLED': 'CAMPAIGN_STATUS_ENABLE', 'REMOVED': 'CAMPAIGN_STATUS_DELETE'}"
    tiktok.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, name, {statuses}[status],
            null::date, null::date, daily_budget_micros
        from {tiktok.world("campaigns")} where platform = 'tiktok_ads'""",
        f"""select account_id, campaign_id, campaign_name, status, start_date, end_date,
            daily_budget_micros
        from {tiktok.contract("ad_campaigns")}""",
    )


def test_spend(tiktok: Built) -> None:
    """Told to the cent."""
    tiktok.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, date,
            (round(cost_micros / 10000) * 10000)::bigint, impressions, clicks,
            conversions::decimal(18, 6), conversions_value::decimal(18, 6)
        from {tiktok.world("ad_daily")} join campaigns using (campaign_no)
        where platform = 'tiktok_ads' and impressions + conversions > 0""",
        f"""select account_id, campaign_id, spend_date, cost_micros, impression_count, click_count,
            claimed_conversions, claimed_value_amount
        from {tiktok.contract("ad_spend")}""",
    )


def test_views_are_kept_apart(tiktok: Built) -> None:
    tiktok.assert_same(
        f"""select campaign_no::varchar, date, view_conversions::decimal(18, 6),
            conversions::decimal(18, 6)
        from {tiktok.world("ad_daily")} join campaigns using (campaign_no)
        where platform = 'tiktok_ads' and impressions + conversions > 0""",
        f"""select campaign_id, report_date, view_conversions, optimised_conversions
        from {tiktok.relation("stg_tiktok_ads__campaign_reports")}""",
    )


def test_every_day_was_answered(tiktok: Built) -> None:
    tiktok.assert_same(
        f"select distinct date from {tiktok.world('ad_daily')} join campaigns using (campaign_no)"
        " where platform = 'tiktok_ads' and impressions > 0",
        f"select restated_date from {tiktok.contract('restated_days')} where restated_date in"
        f" (select spend_date from {tiktok.contract('ad_spend')})",
    )
