"""What Salesforce serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from demo import world
from demo.vendors import salesforce as simulated
from tests.dbt_project.sources import built
from tests.dbt_project.sources.built import Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def salesforce(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Of a world of its own, in which sales people won a web order and a lead was converted."""
    folder = tmp_path_factory.mktemp("world")
    world.generate(folder, persons=300, days=10, seed=12, start=built.START)
    return built.build(tmp_path_factory.mktemp("salesforce"), folder, ["salesforce"])


def contact(number: str) -> str:
    return f"'salesforce:contact:' || {simulated.record_id('003', number)}"


def test_the_contracts_hold(salesforce: Built) -> None:
    salesforce.assert_contracts_hold()


def test_deals(salesforce: Built) -> None:
    """Those of web orders, and those that sales people work on, of which some became web orders."""
    of_orders = salesforce.world("crm_deals")
    worked_on = salesforce.world("crm_opportunities")
    salesforce.assert_same(
        f"""select order_name, currency_code, amount_minor,
            case stage when 'closedwon' then 'won' else 'lost' end, date_trunc('second', closed_at)
        from {of_orders} where order_name not in (
            select order_name from crm_opportunities where order_name is not null)""",
        f"""select order_name, currency_code, amount_minor, deal_status, closed_at
        from {salesforce.contract("deals")}
        where stage_name <> 'Proposal/Price Quote' and order_name is not null
        and order_name not in (select order_name from crm_opportunities
            where order_name is not null)""",
    )
    salesforce.assert_same(
        f"""select {simulated.opportunity_id("006", "'2'", "opportunity_no")},
            {contact("contact_no")}, currency_code, amount_minor,
            case is_won when true then 'won' when false then 'lost' else 'open' end,
            date_trunc('second', closed_at), date_trunc('second', created_at)
        from {worked_on}""",
        f"""select deal_id, record_key, currency_code, amount_minor, deal_status, closed_at,
            created_at
        from {salesforce.contract("deals")} where deal_id like '0062%'""",
    )


def test_a_deals_contact_is_its_roles_or_its_person_accounts(salesforce: Built) -> None:
    salesforce.assert_same(
        f"""select order_name, {contact("contact_no")} from {salesforce.world("crm_deals")}
        where order_name not in (
            select order_name from crm_opportunities where order_name is not null)""",
        f"""select order_name, record_key from {salesforce.contract("deals")}
        where deal_id like '0061%'""",
    )


def test_leads(salesforce: Built) -> None:
    salesforce.assert_same(
        f"""select 'salesforce:lead:' || {simulated.record_id("00Q", "lead_no")},
            date_trunc('second', created_at),
            case when converted_at is not null then 'converted'
                when lost_at is not null then 'lost' else 'open' end,
            converted_at::date
        from {salesforce.world("crm_leads")}""",
        f"""select record_key, became_lead_at, lead_status, converted_at::date
        from {salesforce.contract("leads")}""",
    )
    salesforce.assert_same(
        f"""select {simulated.record_id("00Q", "lead_no")}
        from {salesforce.world("crm_opportunities")}
        where lead_no in (
            select lead_no from {salesforce.world("crm_leads")} where converted_at is not null)""",
        f"""select lead_id from {salesforce.contract("leads")}
        where deal_id in (select deal_id from {salesforce.contract("deals")})""",
    )


def test_campaign_members(salesforce: Built) -> None:
    campaign = simulated.record_id("701", "campaign_no")
    salesforce.assert_same(
        f"""select {campaign}, coalesce({contact("contact_no")},
            'salesforce:lead:' || {simulated.record_id("00Q", "lead_no")}),
            date_trunc('second', added_at), responded_at::date
        from {salesforce.world("crm_campaign_members")} where updated_at >= date '2026-03-25'""",
        f"""select campaign_id, record_key, added_at, responded_at::date
        from {salesforce.contract("campaign_members")}""",
    )
    named = salesforce.rows(
        f"""select distinct name = campaign_name from {salesforce.contract("campaign_members")}
        join crm_campaigns on campaign_id = {campaign} where campaign_name is not null"""
    )
    assert named == [(True,)]


def test_people_and_what_they_opted_out_of(salesforce: Built) -> None:
    salesforce.assert_same(
        f"""select {simulated.record_id("003", "contact_no")}, email, not email_opt_in,
            archived_at is null
        from {salesforce.world("crm_contacts")}
        where updated_at >= timestamp '2026-03-25'""",
        f"""select p.record_id, email, consent_status = 'withdrawn', is_active
        from {salesforce.contract("person_records")} as p
        left join {salesforce.contract("consents")} as c
            on c.record_kind = 'contact' and c.record_id = p.record_id
            and purpose = 'email_marketing'
        where p.record_kind = 'contact'""",
    )


def test_a_lead_that_was_converted_carries_its_contacts_id(salesforce: Built) -> None:
    salesforce.assert_same(
        f"""select {simulated.record_id("00Q", "lead_no")},
            {simulated.record_id("003", "contact_no")}
        from {salesforce.world("crm_leads")} where converted_at is not null""",
        f"""select record_id, identifier_value
        from {salesforce.contract("person_identifiers")}
        where record_kind = 'lead' and identifier_type = 'contact_id'""",
    )
