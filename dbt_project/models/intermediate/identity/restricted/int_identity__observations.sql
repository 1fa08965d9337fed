with

records as (
    select * from {{ ref('int_identity__records') }}
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
),

blocked_identifiers as (
    select * from {{ ref('blocked_identifiers') }}
),

store_owned_identifiers as (
    select * from {{ ref('store_owned_identifiers') }}
),

-- One row per identifier instead of one column, in one pass over the records.
unpivoted as (
    select
        records.source_system,
        records.record_type,
        records.record_id,
        {{ explode(named_values([
            'records.shopify_customer_id', 'records.square_customer_id', 'records.hubspot_contact_id',
            'records.shopify_order_name', 'records.email', 'records.phone', 'records.loyalty_card',
            'records.card_fingerprint', 'records.ga_client_id', 'records.app_device_id',
        ])) }} as identifier,
        calling_codes.calling_code,
        calling_codes.trunk_prefix,
        records.first_name,
        records.last_name,
        records.birth_date,
        records.observed_at,
        records.last_observed_at,
        records.has_consent
    from records
    left join calling_codes
        on records.country_code = calling_codes.country_code
),

-- Only now, on one column: sixteen kinds of records, each with its own copy of these long expressions,
-- make a plan that a cluster's driver has no memory for.
normalised as (
    select
        source_system,
        record_type,
        record_id,
        identifier.name as identifier_type,
        case identifier.name
            when 'email' then {{ normalise_email('identifier.value') }}
            when 'phone' then {{ normalise_phone('identifier.value', 'calling_code', 'trunk_prefix') }}
            when 'loyalty_card' then nullif(trim(identifier.value), '')
            else identifier.value
        end as identifier_value,
        nullif(lower(trim(first_name)), '') as first_name,
        nullif(lower(trim(last_name)), '') as last_name,
        birth_date,
        observed_at,
        last_observed_at,
        has_consent
    from unpivoted
    where identifier.value is not null
),

identifiers as (
    select * from normalised
    where identifier_value is not null
),

-- What was seen without consent tells when it ended, and nothing else.
distinct_identifiers as (
    select
        source_system,
        record_type,
        record_id,
        identifier_type,
        identifier_value,
        max(first_name) as first_name,
        max(last_name) as last_name,
        max(birth_date) as birth_date,
        coalesce(min(case when has_consent then observed_at end), min(observed_at)) as first_observed_at,
        coalesce(max(case when has_consent then last_observed_at end), max(last_observed_at)) as last_observed_at,
        max(case when not has_consent then last_observed_at end) as refused_at,
        bool_or(has_consent) as has_consent
    from identifiers
    group by source_system, record_type, record_id, identifier_type, identifier_value
),

-- A browser's or a phone's own record knows about consent; an order that names it does not. Where its
-- latest sighting has none, none of its sightings counts, whoever made them.
refused as (
    select
        identifier_type,
        identifier_value,
        bool_or(has_consent) as was_given
    from distinct_identifiers
    where record_id = identifier_value
    group by identifier_type, identifier_value
    having
        max(refused_at)
        > coalesce(max(case when has_consent then last_observed_at end), timestamp '1900-01-01 00:00:00')
),

-- Few distinct values of few types, so that patterns are tried once per value.
values_to_try as (
    select distinct
        identifier_type,
        identifier_value
    from distinct_identifiers
    where identifier_type in (select identifier_type from blocked_identifiers)
),

values_that_match as (
    select
        values_to_try.identifier_type,
        values_to_try.identifier_value,
        blocked_identifiers.reason
    from values_to_try
    inner join blocked_identifiers
        on
            values_to_try.identifier_type = blocked_identifiers.identifier_type
            and {{ matches('values_to_try.identifier_value', 'blocked_identifiers.pattern') }}
    union all
    select
        identifier_type,
        identifier_value,
        'store_owned' as reason
    from store_owned_identifiers
),

blocked_values as (
    select
        identifier_type,
        identifier_value,
        min(reason) as blocked_reason
    from values_that_match
    group by identifier_type, identifier_value
),

hashed as (
    select
        concat(distinct_identifiers.record_type, ':', distinct_identifiers.record_id) as record_key,
        distinct_identifiers.source_system,
        distinct_identifiers.record_type,
        distinct_identifiers.record_id,
        distinct_identifiers.identifier_type,
        distinct_identifiers.identifier_value,
        {{ keyed_hash('distinct_identifiers.identifier_value') }} as identifier_hash,
        case
            when distinct_identifiers.first_name is not null
                then {{ keyed_hash('distinct_identifiers.first_name') }}
        end as first_name_hash,
        case
            when distinct_identifiers.last_name is not null
                then {{ keyed_hash('distinct_identifiers.last_name') }}
        end as last_name_hash,
        case
            when distinct_identifiers.birth_date is not null
                then {{ keyed_hash('distinct_identifiers.birth_date') }}
        end as birth_date_hash,
        case
            when blocked_values.blocked_reason is not null then blocked_values.blocked_reason
            when not coalesce(refused.was_given, distinct_identifiers.has_consent) then 'no_consent'
            when refused.identifier_type is not null then 'consent_withdrawn'
        end as blocked_reason,
        distinct_identifiers.first_observed_at,
        distinct_identifiers.last_observed_at,
        distinct_identifiers.has_consent
    from distinct_identifiers
    left join blocked_values
        on
            distinct_identifiers.identifier_type = blocked_values.identifier_type
            and distinct_identifiers.identifier_value = blocked_values.identifier_value
    left join refused
        on
            distinct_identifiers.identifier_type = refused.identifier_type
            and distinct_identifiers.identifier_value = refused.identifier_value
)

select * from hashed
