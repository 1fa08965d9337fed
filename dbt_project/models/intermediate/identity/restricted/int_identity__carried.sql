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
        ended_at,
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
        cast(null as timestamp) as ended_at,
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

issued_ids as (
    select * from {{ ref('int_identity__issued_ids') }}
),

record_countries as (
    select * from {{ ref('int_identity__record_countries') }}
),

-- A number that is dialled without its country is of where its owner buys, else of where most shops are.
countries_of_shops as (
    select {{ joined_in_order('country_code', ['0 - location_count', 'country_code'], ',') }} as countries
    from (
        select
            country_code,
            count(*) as location_count
        from {{ ref('locations') }}
        where country_code is not null
        group by country_code
    ) as counted
),

-- Which connection gave an id out. One that two gave out belongs to neither, where nobody says whose it is.
given_out as (
    select
        identifier_type,
        identifier_value,
        min(connection) as connection,
        count(*) as connection_count
    from issued_ids
    where has_record or not has_records
    group by identifier_type, identifier_value
),

given_by_one as (
    select * from given_out
    where connection_count = 1
),

-- A record that another system names must be known to exactly one.
placed as (
    select
        coalesce(sightings.record_connection, owners.connection) as connection,
        sightings.record_kind,
        sightings.record_id,
        sightings.identifier_type,
        coalesce(sightings.id_connection, givers.connection) as id_connection,
        givers.connection_count > 1 as is_ambiguous,
        sightings.identifier_value,
        sightings.country_code,
        sightings.first_name,
        sightings.last_name,
        sightings.birth_date,
        sightings.observed_at,
        sightings.last_observed_at,
        sightings.ended_at,
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
    where sightings.record_connection is not null or owners.connection is not null
),

known as (
    select
        placed.*,
        coalesce(placed.id_connection, '') as giver,
        -- Whoever claims another id names nobody, where the system tells its customers at all: `undefined`, a slip of
        -- the finger. An order that another system names, and nobody has, is none.
        placed.identifier_type in ('customer_id', 'order_name')
        and not coalesce(issued_ids.has_record, false)
        and (coalesce(issued_ids.has_records, false) or placed.identifier_type = 'order_name') as is_unknown,
        concat_ws(',', placed.country_code, record_countries.countries, countries_of_shops.countries) as countries
    from placed
    left join issued_ids
        on
            placed.id_connection = issued_ids.connection
            and placed.identifier_type = issued_ids.identifier_type
            and placed.identifier_value = issued_ids.identifier_value
    left join record_countries
        on
            placed.connection = record_countries.connection
            and placed.record_kind = record_countries.record_kind
            and placed.record_id = record_countries.record_id
    cross join countries_of_shops
),

-- Each spelling is read once.
spellings as (
    select
        identifier_type,
        identifier_value,
        countries,
        o2o_read_identifier(identifier_type, identifier_value, countries) as read_value
    from (
        select distinct
            identifier_type,
            identifier_value,
            case when identifier_type = 'phone' then countries else '' end as countries
        from known
        where identifier_type in ('email', 'phone', 'loyalty_card')
    ) as written
),

spelled_names as (
    select
        first_name,
        last_name,
        o2o_read_name(first_name, last_name) as name
    from (
        select distinct
            coalesce(first_name, '') as first_name,
            coalesce(last_name, '') as last_name
        from known
        where first_name is not null or last_name is not null
    ) as written
),

identifiers as (
    select
        known.connection,
        known.record_kind,
        known.record_id,
        known.identifier_type,
        case
            when known.identifier_type in ('email', 'phone', 'loyalty_card') then spellings.read_value
            else nullif(trim(known.identifier_value), '')
        end as identifier_value,
        known.giver as id_connection,
        coalesce(known.is_ambiguous, false) as is_ambiguous,
        known.is_unknown,
        spelled_names.name.given as given_name,
        spelled_names.name.family as family_name,
        spelled_names.name.generation as generation,
        -- Who is called Guest or VIP, and nothing else, is nobody.
        spelled_names.name is not null and spelled_names.name.given is null and spelled_names.name.family is null
            as has_no_name,
        o2o_read_birth_date(known.birth_date) as birth_date,
        known.observed_at,
        known.last_observed_at,
        known.ended_at,
        known.has_consent
    from known
    left join spellings
        on
            known.identifier_type = spellings.identifier_type
            and known.identifier_value = spellings.identifier_value
            and case when known.identifier_type = 'phone' then known.countries else '' end = spellings.countries
    left join spelled_names
        on
            coalesce(known.first_name, '') = spelled_names.first_name
            and coalesce(known.last_name, '') = spelled_names.last_name
)

-- What was seen without consent tells when it ended, and nothing else.
select
    concat(connection, ':', record_kind, ':', record_id) as record_key,
    connection,
    record_kind,
    record_id,
    identifier_type,
    id_connection,
    identifier_value,
    bool_or(is_ambiguous) as is_ambiguous,
    bool_or(is_unknown) as is_unknown,
    bool_or(has_no_name) as has_no_name,
    max(given_name) as given_name,
    max(family_name) as family_name,
    max(generation) as generation,
    max(birth_date) as birth_date,
    -- Only where no sighting says that it still holds.
    case when count(*) = count(ended_at) then max(ended_at) end as ended_at,
    coalesce(min(case when has_consent then observed_at end), min(observed_at)) as first_observed_at,
    coalesce(max(case when has_consent then last_observed_at end), max(last_observed_at)) as last_observed_at,
    max(case when not has_consent then last_observed_at end) as refused_at,
    bool_or(has_consent) as has_consent
from identifiers
where identifier_value is not null
group by connection, record_kind, record_id, identifier_type, id_connection, identifier_value
