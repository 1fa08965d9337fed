{{ config(materialized='view') }}

with

contacts as (
    select * from {{ staged('stg_hubspot__contacts') }}
),

-- Merged into another contact, which goes on as the lead.
merged_contacts as (
    select distinct
        connection,
        merged_contact_id
    from (
        select
            connection,
            {{ explode("split(merged_contact_ids, ';')") }} as merged_contact_id
        from contacts
        where merged_contact_ids is not null
    ) as exploded
),

-- The first deal of a person who was a lead.
deals as (
    select
        deals.connection,
        deals.hubspot_contact_id,
        deals.hubspot_deal_id,
        row_number() over (
            partition by deals.connection, deals.hubspot_contact_id order by deals.created_at, deals.hubspot_deal_id
        ) as place
    from {{ staged('stg_hubspot__deals') }} as deals
    inner join contacts
        on
            deals.connection = contacts.connection
            and deals.hubspot_contact_id = contacts.hubspot_contact_id
    where not deals.is_deleted and deals.created_at >= contacts.became_lead_at
)

select
    contacts.connection,
    'hubspot' as source_system,
    contacts._load_id,
    contacts.hubspot_contact_id as lead_id,
    {{ record_key('contact', 'contacts.hubspot_contact_id', 'contacts.connection') }} as record_key,
    contacts.became_lead_at,
    case
        when contacts.became_customer_at is not null or contacts.lifecycle_stage in ('customer', 'evangelist')
            then 'converted'
        when contacts.lead_status = 'UNQUALIFIED' then 'lost'
        else 'open'
    end as lead_status,
    contacts.lead_source,
    contacts.became_customer_at as converted_at,
    deals.hubspot_deal_id as deal_id
from contacts
left join deals
    on
        contacts.connection = deals.connection
        and contacts.hubspot_contact_id = deals.hubspot_contact_id
        and deals.place = 1
left join merged_contacts
    on
        contacts.connection = merged_contacts.connection
        and contacts.hubspot_contact_id = merged_contacts.merged_contact_id
where
    contacts.became_lead_at is not null
    and merged_contacts.merged_contact_id is null
