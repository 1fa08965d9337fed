{{ config(materialized='view') }}

with

contacts as (
    select * from {{ staged('stg_hubspot__contacts') }}
),

archived_contacts as (
    select * from {{ staged('stg_hubspot__archived_contacts') }}
)

select
    contacts.connection,
    'hubspot' as source_system,
    contacts._load_id,
    'contact' as record_kind,
    contacts.hubspot_contact_id as record_id,
    'email_marketing' as purpose,
    -- Who did not opt out was not necessarily asked.
    case when contacts.is_email_subscribed then 'unknown' else 'withdrawn' end as consent_status,
    cast(null as boolean) as is_confirmed,
    cast(null as timestamp) as changed_at
from contacts
left join archived_contacts
    on
        contacts.connection = archived_contacts.connection
        and contacts.hubspot_contact_id = archived_contacts.hubspot_contact_id
where
    contacts.email is not null
    and (
        archived_contacts.hubspot_contact_id is null
        or coalesce(archived_contacts.archived_at < contacts.updated_at, false)
    )
