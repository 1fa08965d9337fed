with

identifiers as (
    select * from {{ ref('person_identifiers') }}
),

locations as (
    select * from {{ ref('locations') }}
    where country_code is not null
),

orders as (
    select * from {{ ref('orders') }}
),

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
        identifiers.id_connection as connection,
        'customer' as record_kind,
        identifiers.identifier_value as record_id,
        bought_in.country_code
    from identifiers
    inner join bought_in
        on identifiers.record_connection = bought_in.connection and identifiers.record_id = bought_in.record_id
    where identifiers.record_kind = 'order' and identifiers.identifier_type = 'customer_id'
),

counted as (
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
    where connection is not null and record_id is not null
    group by connection, record_kind, record_id, country_code
)

select
    connection,
    record_kind,
    record_id,
    {{ joined_in_order('country_code', ['0 - sale_count', 'country_code'], ',') }} as countries
from counted
group by connection, record_kind, record_id
