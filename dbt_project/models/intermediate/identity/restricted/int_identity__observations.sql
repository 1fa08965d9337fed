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

locations as (
    select * from {{ ref('locations') }}
    where country_code is not null
),

orders as (
    select * from {{ ref('orders') }}
),

-- A number that is dialled without its country is of where its owner buys, else of where most shops are.
bought_in as (
    select
        orders.connection,
        'order' as record_kind,
        orders.source_order_id as record_id,
        locations.country_code
    from orders
    inner join locations
        on
            orders.connection = locations.connection
            and orders.location_kind = locations.location_kind
            and orders.location_id = locations.location_id
),

bought_by as (
    select
        sightings.id_connection as connection,
        'customer' as record_kind,
        sightings.identifier_value as record_id,
        bought_in.country_code
    from sightings
    inner join bought_in
        on sightings.record_connection = bought_in.connection and sightings.record_id = bought_in.record_id
    where sightings.record_kind = 'order' and sightings.identifier_type = 'customer_id'
),

countries_of_records as (
    select
        connection,
        record_kind,
        record_id,
        {{ joined_in_order('country_code', ['0 - sale_count', 'country_code'], ',') }} as countries
    from (
        select
            connection,
            record_kind,
            record_id,
            country_code,
            count(*) as sale_count
        from (
            select * from bought_in
            union all
            select * from bought_by
        ) as bought
        group by connection, record_kind, record_id, country_code
    ) as counted
    group by connection, record_kind, record_id
),

countries_of_shops as (
    select {{ joined_in_order('country_code', ['0 - location_count', 'country_code'], ',') }} as countries
    from (
        select
            country_code,
            count(*) as location_count
        from locations
        group by country_code
    ) as counted
),

blocked_identifiers as (
    {{ with_company('blocked_identifiers', {'identifier_type': 'string', 'pattern': 'string', 'reason': 'string'}) }}
),

store_owned_identifiers as (
    {{ with_company('store_owned_identifiers', {
        'identifier_type': 'string', 'identifier_value': 'string', 'note': 'string',
    }) }}
),

-- Records that systems have of their own. Whoever claims another id names nobody, where the system tells its
-- customers, or its orders, at all: `0`, `undefined`, a slip of the finger.
own_records as (
    select distinct
        record_connection as connection,
        identifier_type,
        identifier_value
    from sightings
    where
        record_connection = id_connection
        and (
            (record_kind = 'customer' and identifier_type = 'customer_id' and record_id = identifier_value)
            or (record_kind = 'order' and identifier_type = 'order_name')
        )
),

telling as (
    select distinct
        connection,
        identifier_type
    from own_records
),

-- Which connection gave an id out. One that two gave out belongs to neither, where nobody says whose it is.
given_out as (
    select
        sightings.identifier_type,
        sightings.identifier_value,
        min(sightings.id_connection) as id_connection,
        count(distinct sightings.id_connection) as connection_count
    from sightings
    left join own_records
        on
            sightings.id_connection = own_records.connection
            and sightings.identifier_type = own_records.identifier_type
            and sightings.identifier_value = own_records.identifier_value
    left join telling
        on
            sightings.id_connection = telling.connection
            and sightings.identifier_type = telling.identifier_type
    where
        sightings.id_connection is not null
        and (own_records.connection is not null or telling.connection is null)
    group by sightings.identifier_type, sightings.identifier_value
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
    where sightings.record_connection is not null or owners.id_connection is not null
),

known as (
    select
        placed.*,
        coalesce(placed.id_connection, '') as giver,
        -- An order that another system names, and nobody has, is none.
        own_records.connection is null
        and (telling.connection is not null or placed.identifier_type = 'order_name')
        and placed.identifier_type in ('customer_id', 'order_name') as is_unknown,
        concat_ws(',', placed.country_code, countries_of_records.countries, countries_of_shops.countries) as countries
    from placed
    left join own_records
        on
            placed.id_connection = own_records.connection
            and placed.identifier_type = own_records.identifier_type
            and placed.identifier_value = own_records.identifier_value
    left join telling
        on placed.id_connection = telling.connection and placed.identifier_type = telling.identifier_type
    left join countries_of_records
        on
            placed.connection = countries_of_records.connection
            and placed.record_kind = countries_of_records.record_kind
            and placed.record_id = countries_of_records.record_id
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
        bool_or(is_unknown) as is_unknown,
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

-- A profile that is called Guest or VIP, without an address, a phone or a card, is a key of the till.
nobodys_profiles as (
    select
        connection as id_connection,
        record_id as identifier_value
    from identifiers
    where record_kind = 'customer'
    group by connection, record_id
    having
        bool_or(has_no_name)
        and count_if(identifier_type in ('email', 'phone', 'loyalty_card') and identifier_value is not null) = 0
),

-- Nobody buys so often on one day, with so many cards, phones and browsers: a till's own profile or address does.
used_all_day as (
    select distinct
        sales.identifier_type,
        sales.id_connection,
        sales.identifier_value
    from (
        select
            sold.identifier_type,
            sold.id_connection,
            sold.identifier_value,
            cast(sold.first_observed_at as date) as sold_on,
            count(distinct sold.record_id) as sale_count,
            count(distinct things.identifier_value) as thing_count
        from distinct_identifiers as sold
        inner join distinct_identifiers as things
            on
                sold.connection = things.connection
                and sold.record_kind = things.record_kind
                and sold.record_id = things.record_id
        where
            {{ is_sale_record('sold.record_kind') }}
            and sold.identifier_type in ('customer_id', 'email', 'phone')
            and things.identifier_type in ('card_fingerprint', 'browser_id', 'app_device_id')
        group by
            sold.identifier_type, sold.id_connection, sold.identifier_value, cast(sold.first_observed_at as date)
    ) as sales
    where
        sales.sale_count > {{ var('person_maximum_daily_sales') }}
        and sales.thing_count > {{ var('person_maximum_daily_sales') }}
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
            and o2o_matches(values_to_try.identifier_value, blocked_identifiers.pattern)
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

-- Customers that are none: what other rows say of them is of many people, or of nobody.
blocked_customers as (
    select
        id_connection as connection,
        identifier_value as record_id,
        'placeholder' as blocked_reason
    from nobodys_profiles
    union all
    select
        id_connection as connection,
        identifier_value as record_id,
        'used_all_day' as blocked_reason
    from used_all_day
    where identifier_type = 'customer_id'
    union all
    select distinct
        claimed.connection,
        claimed.record_id,
        'unknown_record' as blocked_reason
    from distinct_identifiers as claimed
    inner join telling
        on claimed.connection = telling.connection and telling.identifier_type = 'customer_id'
    left join own_records
        on
            claimed.connection = own_records.connection
            and own_records.identifier_type = 'customer_id'
            and claimed.record_id = own_records.identifier_value
    where claimed.record_kind = 'customer' and own_records.connection is null
),

no_customers as (
    select
        connection,
        record_id,
        min(blocked_reason) as blocked_reason
    from blocked_customers
    group by connection, record_id
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
        distinct_identifiers.given_name,
        distinct_identifiers.family_name,
        distinct_identifiers.generation,
        distinct_identifiers.birth_date,
        {%- for name in ['given_name', 'family_name', 'birth_date'] %}
        case
            when distinct_identifiers.{{ name }} is not null
                then {{ keyed_hash('distinct_identifiers.' ~ name) }}
        end as {{ name }}_hash,
        {%- endfor %}
        case
            when blocked_values.blocked_reason is not null then blocked_values.blocked_reason
            when distinct_identifiers.is_ambiguous then 'ambiguous_reference'
            when distinct_identifiers.is_unknown then 'unknown_record'
            when used_all_day.identifier_type is not null then 'used_all_day'
            when no_customers.blocked_reason is not null then no_customers.blocked_reason
            when named_customers.blocked_reason is not null then named_customers.blocked_reason
            when not coalesce(refused.was_given, distinct_identifiers.has_consent) then 'no_consent'
            when refused.identifier_type is not null then 'consent_withdrawn'
        end as blocked_reason,
        distinct_identifiers.first_observed_at,
        distinct_identifiers.last_observed_at,
        distinct_identifiers.ended_at,
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
    left join used_all_day
        on
            distinct_identifiers.identifier_type = used_all_day.identifier_type
            and distinct_identifiers.id_connection = used_all_day.id_connection
            and distinct_identifiers.identifier_value = used_all_day.identifier_value
    left join no_customers
        on
            distinct_identifiers.record_kind = 'customer'
            and distinct_identifiers.connection = no_customers.connection
            and distinct_identifiers.record_id = no_customers.record_id
    left join no_customers as named_customers
        on
            distinct_identifiers.identifier_type = 'customer_id'
            and distinct_identifiers.id_connection = named_customers.connection
            and distinct_identifiers.identifier_value = named_customers.record_id
)

select * from hashed
