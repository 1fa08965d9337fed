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
)

select
    contacts.connection,
    'hubspot' as source_system,
    contacts._load_id,
    contacts.hubspot_contact_id as lead_id,
    {{ record_key('contact', 'contacts.hubspot_contact_id', 'contacts.connection') }} as record_key,
    contacts.became_lead_at,
    'open' as lead_status,
    {{ as_text('null') }} as lead_source,
    cast(null as timestamp) as converted_at,
    {{ as_text('null') }} as deal_id
from contacts
left join merged_contacts
    on
        contacts.connection = merged_contacts.connection
        and contacts.hubspot_contact_id = merged_contacts.merged_contact_id
where
    contacts.became_lead_at is not null
    and merged_contacts.merged_contact_id is null
