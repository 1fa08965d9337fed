"""GA4: what happened in the app stands in its contract, and nothing of it in an order's."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e

_KINDS = "('offer_shown', 'offer_used', 'order_ahead', 'check_in', 'ar_view', 'virtual_try_on')"


@pytest.fixture(scope="module")
def ga4(build: Build) -> Built:
    return build("ga4")


def test_every_row_obeys_its_contract(ga4: Built) -> None:
    ga4.assert_contracts_hold()


def test_what_happened_in_the_app(ga4: Built) -> None:
    ga4.assert_same(
        f"""select event_date, event_name, 'ga4:browser:' || user_pseudo_id, item_id, store_code,
            transaction_id, make_timestamp(event_ts_us), consent_analytics
        from {ga4.world("web_events")}
        where platform <> 'WEB' and event_name in {_KINDS}""",
        f"""select event_date, event_kind, record_key, subject, store_code, order_name,
            occurred_at, has_analytics_consent
        from {ga4.contract("app_events")}""",
    )


def test_an_order_that_the_app_only_names_is_no_purchase(ga4: Built) -> None:
    ga4.assert_same(
        f"""select transaction_id from {ga4.world("web_events")}
        where event_name = 'purchase'""",
        f"select order_name from {ga4.contract('web_events')} where order_name is not null",
    )
