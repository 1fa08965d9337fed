"""What Meta Ads serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def meta(build: Build) -> Built:
    return build("meta_ads")


def test_the_contracts_hold(meta: Built) -> None:
    meta.assert_contracts_hold()


def test_accounts(meta: Built) -> None:
    meta.assert_same(
        """select account_no::varchar, account_name, time_zone, currency_code from ad_accounts
        where platform = 'meta_ads'""",
        f"""select account_id, account_name, time_zone, currency_code
        from {meta.contract("ad_accounts")}""",
    )


def test_campaigns(meta: Built) -> None:
    """Deleted ones, too; days by the account's own clock."""
    statuses = "map {'ENABLED': 'ACTIVE', 'REMOVED': 'DELETED'}"
    meta.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, name, {statuses}[status], start_date,
            end_date, daily_budget_micros
        from {meta.world("campaigns")} where platform = 'meta_ads'""",
        f"""select account_id, campaign_id, campaign_name, status, start_date, end_date,
            daily_budget_micros
        from {meta.contract("ad_campaigns")}""",
    )


def test_spend(meta: Built) -> None:
    """Told to the cent."""
    meta.assert_same(
        f"""select account_no::varchar, campaign_no::varchar, date,
            (round(cost_micros / 10000) * 10000)::bigint, impressions, clicks,
            conversions::decimal(18, 6), conversions_value::decimal(18, 6),
            view_conversions::decimal(18, 6)
        from {meta.world("ad_daily")} join campaigns using (campaign_no)
        where platform = 'meta_ads' and impressions + conversions > 0""",
        f"""select account_id, campaign_id, spend_date, cost_micros, impression_count, click_count,
            claimed_conversions, claimed_value_amount, claimed_view_conversions
        from {meta.contract("ad_spend")}""",
    )


def test_views_are_kept_apart(meta: Built) -> None:
    meta.assert_same(
        f"""select campaign_no::varchar, date, view_conversions::decimal(18, 6),
            (conversions - view_conversions)::decimal(18, 6)
        from {meta.world("ad_daily")} join campaigns using (campaign_no)
        where platform = 'meta_ads' and impressions + conversions > 0""",
        f"""select campaign_id, report_date, view_conversions, click_7d_conversions
        from {meta.relation("stg_meta_ads__campaign_insights")}""",
    )


def test_every_day_was_answered(meta: Built) -> None:
    meta.assert_same(
        f"select distinct date from {meta.world('ad_daily')} join campaigns using (campaign_no)"
        " where platform = 'meta_ads' and impressions > 0",
        f"select restated_date from {meta.contract('restated_days')} where restated_date in"
        f" (select spend_date from {meta.contract('ad_spend')})",
    )
