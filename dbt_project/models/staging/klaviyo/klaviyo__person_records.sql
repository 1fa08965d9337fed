{{ config(materialized='view') }}

select
    connection,
    'klaviyo' as source_system,
    _load_id,
    'contact' as record_kind,
    klaviyo_profile_id as record_id,
    {{ as_text('null') }} as known_in,
    not is_deleted as is_active,
    case when email is not null then coalesce(email_consent, '') = 'SUBSCRIBED' and not is_suppressed end
        as is_email_subscribed,
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
from {{ staged('stg_klaviyo__profiles') }}
