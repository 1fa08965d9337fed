with

-- Who buys in a browser is a sighting of the order: analytics saw it where the order itself names no browser.
purchases as (
    select
        connection as record_connection,
        'order' as record_kind,
        source_order_id as record_id,
        'browser_id' as identifier_type,
        visitor_id as identifier_value,
        occurred_at,
        has_analytics_consent
    from {{ ref('int_web__purchases') }}
    where visitor_id is not null and has_analytics_consent
),

told as (
    select
        record_connection,
        record_kind,
        record_id,
        identifier_type,
        id_connection,
        identifier_value,
        country_code,
        first_name,
        last_name,
        birth_date,
        observed_at,
        last_observed_at,
        has_consent
    from {{ ref('person_identifiers') }}
    union all
    select
        record_connection,
        record_kind,
        record_id,
        identifier_type,
        {{ as_text('null') }} as id_connection,
        identifier_value,
        {{ as_text('null') }} as country_code,
        {{ as_text('null') }} as first_name,
        {{ as_text('null') }} as last_name,
        {{ as_text('null') }} as birth_date,
        occurred_at as observed_at,
        occurred_at as last_observed_at,
        has_analytics_consent as has_consent
    from purchases
),

-- Type of the id that names a record of another system, and of an id that another one gave out.
sightings as (
    select
        *,
        case when record_connection is null then concat(record_kind, '_id') end as foreign_record_type,
        case when id_connection is null then identifier_type end as foreign_id_type
    from told
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
),

blocked_identifiers as (
    {{ with_company('blocked_identifiers', {'identifier_type': 'string', 'pattern': 'string', 'reason': 'string'}) }}
),

store_owned_identifiers as (
    {{ with_company('store_owned_identifiers', {
        'identifier_type': 'string', 'identifier_value': 'string', 'note': 'string',
    }) }}
),

-- Which connection gave an id out. One that two gave out belongs to neither, where nobody says whose it is.
given_out as (
    select
        identifier_type,
        identifier_value,
        min(id_connection) as id_connection,
        count(distinct id_connection) as connection_count
    from sightings
    where id_connection is not null
    group by identifier_type, identifier_value
),

given_by_one as (
    select * from given_out
    where connection_count = 1
),

-- A record that another system names must be known to exactly one.
placed as (
    select
        coalesce(sightings.record_connection, owners.id_connection) as connection,
        sightings.record_kind,
        sightings.record_id,
        sightings.identifier_type,
        coalesce(sightings.id_connection, givers.id_connection) as id_connection,
        givers.connection_count > 1 as is_ambiguous,
        sightings.identifier_value,
        sightings.country_code,
        sightings.first_name,
        sightings.last_name,
        sightings.birth_date,
        sightings.observed_at,
        sightings.last_observed_at,
        sightings.has_consent
    from sightings
    left join given_by_one as owners
        on
            sightings.foreign_record_type = owners.identifier_type
            and sightings.record_id = owners.identifier_value
    left join given_out as givers
        on
            sightings.foreign_id_type = givers.identifier_type
            and sightings.identifier_value = givers.identifier_value
    where sightings.record_connection is not null or owners.id_connection is not null
),

normalised as (
    select
        placed.connection,
        placed.record_kind,
        placed.record_id,
        placed.identifier_type,
        case placed.identifier_type
            when 'email' then {{ normalise_email('placed.identifier_value') }}
            when 'phone'
                then {{ normalise_phone('placed.identifier_value', 'calling_code', 'trunk_prefix') }}
            when 'loyalty_card' then nullif(trim(placed.identifier_value), '')
            else placed.identifier_value
        end as identifier_value,
        coalesce(placed.id_connection, '') as id_connection,
        coalesce(placed.is_ambiguous, false) as is_ambiguous,
        nullif(lower(trim(placed.first_name)), '') as first_name,
        nullif(lower(trim(placed.last_name)), '') as last_name,
        placed.birth_date,
        placed.observed_at,
        placed.last_observed_at,
        placed.has_consent
    from placed
    left join calling_codes
        on placed.country_code = calling_codes.country_code
),

identifiers as (
    select * from normalised
    where identifier_value is not null
),

-- What was seen without consent tells when it ended, and nothing else.
distinct_identifiers as (
    select
        connection,
        record_kind,
        record_id,
        identifier_type,
        id_connection,
        identifier_value,
        bool_or(is_ambiguous) as is_ambiguous,
        max(first_name) as first_name,
        max(last_name) as last_name,
        max(birth_date) as birth_date,
        coalesce(min(case when has_consent then observed_at end), min(observed_at)) as first_observed_at,
        coalesce(max(case when has_consent then last_observed_at end), max(last_observed_at)) as last_observed_at,
        max(case when not has_consent then last_observed_at end) as refused_at,
        bool_or(has_consent) as has_consent
    from identifiers
    group by connection, record_kind, record_id, identifier_type, id_connection, identifier_value
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
        concat(
            distinct_identifiers.connection, ':', distinct_identifiers.record_kind, ':', distinct_identifiers.record_id
        ) as record_key,
        distinct_identifiers.connection,
        {{ source_system_of('distinct_identifiers.connection') }} as source_system,
        distinct_identifiers.record_kind,
        distinct_identifiers.record_id,
        distinct_identifiers.identifier_type,
        distinct_identifiers.identifier_value,
        distinct_identifiers.id_connection,
        case
            when distinct_identifiers.id_connection = '' then {{ keyed_hash('distinct_identifiers.identifier_value') }}
            else
                {{ keyed_hash(hash_key([
                    'distinct_identifiers.id_connection', 'distinct_identifiers.identifier_value',
                ])) }}
        end as identifier_hash,
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
            when distinct_identifiers.is_ambiguous then 'ambiguous_reference'
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
