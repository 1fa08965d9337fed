with

carried as (
    select * from {{ ref('int_identity__carried') }}
),

issued_ids as (
    select * from {{ ref('int_identity__issued_ids') }}
),

blocked_identifiers as (
    {{ with_company('blocked_identifiers', {'identifier_type': 'string', 'pattern': 'string', 'reason': 'string'}) }}
),

store_owned_identifiers as (
    {{ with_company('store_owned_identifiers', {
        'identifier_type': 'string', 'identifier_value': 'string', 'note': 'string',
    }) }}
),

-- Patterns are tried once per value.
of_patterns as (
    select
        tried.identifier_type,
        tried.id_connection,
        tried.identifier_value,
        blocked_identifiers.reason as blocked_reason
    from (
        select distinct
            identifier_type,
            id_connection,
            identifier_value
        from carried
        where identifier_type in (select identifier_type from blocked_identifiers)
    ) as tried
    inner join blocked_identifiers
        on
            tried.identifier_type = blocked_identifiers.identifier_type
            and o2o_matches(tried.identifier_value, blocked_identifiers.pattern)
),

of_stores as (
    select
        carried.identifier_type,
        carried.id_connection,
        carried.identifier_value,
        'store_owned' as blocked_reason
    from carried
    inner join store_owned_identifiers
        on
            carried.identifier_type = store_owned_identifiers.identifier_type
            and carried.identifier_value = store_owned_identifiers.identifier_value
),

-- Nobody buys so often on one day, with so many cards, phones and browsers: a till's own profile or address does.
used_all_day as (
    select
        identifier_type,
        id_connection,
        identifier_value,
        'used_all_day' as blocked_reason
    from (
        select
            sold.identifier_type,
            sold.id_connection,
            sold.identifier_value,
            cast(sold.first_observed_at as date) as sold_on,
            count(distinct sold.record_id) as sale_count,
            count(distinct things.identifier_value) as thing_count
        from carried as sold
        inner join carried as things
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
        sale_count > {{ var('person_maximum_daily_sales') }}
        and thing_count > {{ var('person_maximum_daily_sales') }}
),

-- A profile that is called Guest or VIP, without an address, a phone or a card, is a key of the till.
nobodys_profiles as (
    select
        'customer_id' as identifier_type,
        connection as id_connection,
        record_id as identifier_value,
        'placeholder' as blocked_reason
    from carried
    where record_kind = 'customer'
    group by connection, record_id
    having bool_or(has_no_name) and count_if(identifier_type in ('email', 'phone', 'loyalty_card')) = 0
),

-- A customer whom others name, and the system that tells its customers does not have.
telling as (
    select distinct connection from issued_ids
    where identifier_type = 'customer_id' and has_records
),

unknown_customers as (
    select
        'customer_id' as identifier_type,
        carried.connection as id_connection,
        carried.record_id as identifier_value,
        'unknown_record' as blocked_reason
    from carried
    inner join telling
        on carried.connection = telling.connection
    left join issued_ids
        on
            carried.connection = issued_ids.connection
            and issued_ids.identifier_type = 'customer_id'
            and carried.record_id = issued_ids.identifier_value
            and issued_ids.has_record
    where carried.record_kind = 'customer' and issued_ids.connection is null
),

blocked as (
    select * from of_patterns
    union all
    select * from of_stores
    union all
    select * from used_all_day
    union all
    select * from nobodys_profiles
    union all
    select * from unknown_customers
)

select
    identifier_type,
    id_connection,
    identifier_value,
    min(blocked_reason) as blocked_reason
from blocked
group by identifier_type, id_connection, identifier_value
