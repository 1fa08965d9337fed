{{ config(materialized='view') }}

select
    connection,
    'salesforce' as source_system,
    _load_id,
    'contact' as record_kind,
    salesforce_contact_id as record_id,
    {{ as_text('null') }} as known_in,
    not is_deleted as is_active,
    not has_opted_out_of_email as is_email_subscribed,
    updated_at,
    email,
    phone,
    first_name,
    last_name,
    birth_date,
    street,
    city,
    postal_code,
    country_code
from {{ staged('stg_salesforce__contacts') }}
union all
select
    connection,
    'salesforce' as source_system,
    _load_id,
    'lead' as record_kind,
    salesforce_lead_id as record_id,
    {{ as_text('null') }} as known_in,
    -- For whoever was converted, the contact speaks.
    not is_deleted and not is_converted as is_active,
    not has_opted_out_of_email as is_email_subscribed,
    updated_at,
    email,
    phone,
    first_name,
    last_name,
    cast(null as date) as birth_date,
    street,
    city,
    postal_code,
    country_code
from {{ staged('stg_salesforce__leads') }}
