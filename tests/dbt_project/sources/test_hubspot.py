"""What HubSpot serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import START, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hubspot(retailer: Callable[[str], Built]) -> Built:
    return retailer("hubspot")


def test_the_contracts_hold(hubspot: Built) -> None:
    hubspot.assert_contracts_hold()


def test_deals(hubspot: Built) -> None:
    stages = "map {'closedwon': 'won', 'closedlost': 'lost'}"
    names = "map {'closedwon': 'Paid', 'closedlost': 'Taken back'}"
    hubspot.assert_same(
        f"""select deal_no::varchar, 'hubspot:contact:' || contact_no, {stages}[stage],
            {names}[stage], order_name, currency_code, amount_minor
        from {hubspot.world("crm_deals")}""",
        f"""select deal_id, record_key, deal_status, stage_name, order_name, currency_code,
            amount_minor
        from {hubspot.contract("deals")}""",
    )


def test_leads(hubspot: Built) -> None:
    """A small world may have none; then nobody is one."""
    told = hubspot.rows(
        f"select lead_id, lead_status, lead_source from {hubspot.contract('leads')}"
    )
    assert sorted(told) == sorted(
        hubspot.rows(
            f"""select contact_no::varchar, 'open', 'ORGANIC_SEARCH'
            from {hubspot.world("crm_contacts")}
            where lifecycle_stage = 'lead' and archived_at is null and updated_at >= '{START}'"""
        )
    )


def test_consents(hubspot: Built) -> None:
    hubspot.assert_same(
        f"""select contact_no::varchar, if(email_opt_in, 'unknown', 'withdrawn')
        from {hubspot.world("crm_contacts")}
        where email is not null and archived_at is null and updated_at >= '{START}'""",
        f"select record_id, consent_status from {hubspot.contract('consents')}",
    )
