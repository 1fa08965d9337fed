"""What Klaviyo serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from connectors.klaviyo import source
from demo.vendors import klaviyo as simulated
from o2o.pipeline.project import PROJECT_DIR
from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e

PROFILE = simulated.long_id("K", "profile_no")


@pytest.fixture(scope="module")
def klaviyo(build: Build) -> Built:
    return build("klaviyo")


def test_the_contracts_hold(klaviyo: Built) -> None:
    klaviyo.assert_contracts_hold()


def test_message_events(klaviyo: Built) -> None:
    """All but what was sent, which Klaviyo does not count; since the start date."""
    klaviyo.assert_same(
        f"""select c.kind, e.event_kind, 'klaviyo:contact:' || {PROFILE},
            case when event_kind in ('opened', 'clicked') then is_machine end, c.name,
            date_trunc('second', occurred_at)
        from {klaviyo.world("message_events")} as e
        join message_campaigns as c using (campaign_no)
        where event_kind <> 'sent' and (event_kind, c.kind) <> ('opened', 'sms')
        and occurred_at >= date '2026-03-25'""",
        f"""select message_kind, event_kind, record_key, is_machine, campaign_name, occurred_at
        from {klaviyo.contract("message_events")}""",
    )


def test_a_message_is_its_campaigns_or_its_flows(klaviyo: Built) -> None:
    campaign, flow = simulated.long_id("C", "campaign_no"), simulated.short_id("F", "campaign_no")
    klaviyo.assert_same(
        f"""select distinct case when c.is_flow then {flow} else {campaign} end,
            count(distinct message_no)
        from {klaviyo.world("message_events")} join message_campaigns as c using (campaign_no)
        where event_kind = 'delivered' and occurred_at >= date '2026-03-25' group by all""",
        f"""select campaign_id, count(distinct message_id)
        from {klaviyo.contract("message_events")} where event_kind = 'delivered' group by all""",
    )


def test_profiles_of_all_years_with_what_they_consented_to(klaviyo: Built) -> None:
    klaviyo.assert_same(
        f"""select {PROFILE}, email, phone, first_name, last_name, is_subscribed,
            case when unsubscribed_at is not null then 'withdrawn' when is_subscribed
                then 'granted' else 'unknown' end,
            date_trunc('second', case when is_subscribed then created_at else unsubscribed_at end)
        from {klaviyo.world("message_profiles")}""",
        f"""select p.record_id, email, phone, first_name, last_name, is_email_subscribed,
            consent_status, changed_at
        from {klaviyo.contract("person_records")} as p
        left join {klaviyo.contract("consents")} as c
            on c.record_id = p.record_id and purpose = 'email_marketing'""",
    )
    klaviyo.assert_same(
        f"""select {PROFILE} from {klaviyo.world("message_profiles")}
        where phone is not null and is_subscribed""",
        f"""select record_id from {klaviyo.contract("consents")}
        where purpose = 'sms_marketing' and consent_status = 'granted'""",
    )


def test_a_profile_carries_its_address_and_its_number_in_the_shop(klaviyo: Built) -> None:
    klaviyo.assert_same(
        f"""from (
            select {PROFILE}, unnest(['contact_id', 'email', 'phone', 'customer_id']),
                unnest([{PROFILE}, email, phone, customer_no::varchar]) as carried
            from {klaviyo.world("message_profiles")}
        ) where carried is not null""",
        f"""select record_id, identifier_type, identifier_value
        from {klaviyo.contract("person_identifiers")}""",
    )


def test_every_metric_that_is_asked_for_means_something() -> None:
    mapping = (PROJECT_DIR / "models/staging/klaviyo/klaviyo__message_events.sql").read_text()
    missing = [name for name in source.METRICS if f"'{name}': (" not in mapping]
    assert not missing
