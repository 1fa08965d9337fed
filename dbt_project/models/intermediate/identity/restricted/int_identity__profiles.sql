{#- What the systems know of their customers, one shape for all of them; a view, like the records. -#}
{{ config(materialized='view') }}

with

shopify_customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

hubspot_contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

archived_contacts as (
    select * from {{ ref('stg_hubspot__archived_contacts') }}
),

square_customers as (
    select * from {{ ref('stg_square__customers') }}
),

unioned as (
    select
        'shopify' as source_system,
        'shopify_customer' as record_type,
        shopify_customer_id as record_id,
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
    from shopify_customers
    union all
    select
        'hubspot' as source_system,
        'hubspot_contact' as record_type,
        hubspot_contacts.hubspot_contact_id as record_id,
        hubspot_contacts.updated_at,
        hubspot_contacts.email,
        hubspot_contacts.phone,
        hubspot_contacts.first_name,
        hubspot_contacts.last_name,
        hubspot_contacts.birth_date,
        hubspot_contacts.street,
        hubspot_contacts.city,
        hubspot_contacts.postal_code,
        {{ as_text('null') }} as country_code
    from hubspot_contacts
    -- A contact that was merged or deleted speaks for nobody, unless it was restored since.
    left join archived_contacts
        on hubspot_contacts.hubspot_contact_id = archived_contacts.hubspot_contact_id
    where
        archived_contacts.hubspot_contact_id is null
        or archived_contacts.archived_at < hubspot_contacts.updated_at
    union all
    select
        'square' as source_system,
        'square_customer' as record_type,
        square_customer_id as record_id,
        updated_at,
        email,
        phone,
        first_name,
        last_name,
        birth_date,
        street,
        city,
        postal_code,
        {{ as_text('null') }} as country_code
    from square_customers
)

select
    concat(record_type, ':', record_id) as record_key,
    *
from unioned
