{{ config(materialized='view') }}

with

opportunities as (
    select * from {{ staged('stg_salesforce__opportunities') }}
    where not is_deleted
),

contacts as (
    select * from {{ ref('base_salesforce__opportunity_contacts') }}
)

select
    opportunities.connection,
    'salesforce' as source_system,
    contacts._load_id,
    opportunities.salesforce_opportunity_id as deal_id,
    {{ record_key('contact', 'contacts.salesforce_contact_id', 'contacts.connection') }} as record_key,
    case
        when opportunities.is_won then 'won'
        when opportunities.is_closed then 'lost'
        else 'open'
    end as deal_status,
    opportunities.stage_name,
    opportunities.lead_source,
    opportunities.order_name,
    opportunities.currency_code,
    opportunities.amount_minor,
    -- Until it is closed, the close date is a hope. Orgs of before that field know no more than the day.
    case
        when opportunities.is_closed
            then coalesce(opportunities.stage_changed_at, cast(opportunities.close_date as timestamp))
    end as closed_at,
    opportunities.created_at
from opportunities
inner join contacts
    on
        opportunities.connection = contacts.connection
        and opportunities.salesforce_opportunity_id = contacts.salesforce_opportunity_id
