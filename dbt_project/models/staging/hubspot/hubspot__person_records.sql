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
    greatest(contacts._load_id, coalesce(archived_contacts._load_id, '')) as _load_id,
    'contact' as record_kind,
    contacts.hubspot_contact_id as record_id,
    {{ as_text('null') }} as known_in,
    -- A contact that was merged or deleted speaks for nobody, unless it was restored since.
    archived_contacts.hubspot_contact_id is null
    or coalesce(archived_contacts.archived_at < contacts.updated_at, false) as is_active,
    contacts.is_email_subscribed,
    contacts.updated_at,
    contacts.email,
    contacts.phone,
    contacts.first_name,
    contacts.last_name,
    contacts.birth_date,
    contacts.street,
    contacts.city,
    contacts.postal_code,
    {{ as_text('null') }} as country_code
from contacts
left join archived_contacts
    on
        contacts.connection = archived_contacts.connection
        and contacts.hubspot_contact_id = archived_contacts.hubspot_contact_id
