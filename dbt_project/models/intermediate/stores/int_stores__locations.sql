with

listed as (
    select * from {{ ref('locations') }}
),

-- Where a till sold, whatever kind of location its system takes it for.
sold_at as (
    select
        connection,
        source_system,
        location_kind,
        location_id
    from {{ ref('orders') }}
    where sales_channel = 'till' and location_id is not null
    group by connection, source_system, location_kind, location_id
),

locations as (
    select
        coalesce(listed.connection, sold_at.connection) as connection,
        coalesce(listed.source_system, sold_at.source_system) as source_system,
        coalesce(listed.location_kind, sold_at.location_kind) as location_kind,
        coalesce(listed.location_id, sold_at.location_id) as location_id,
        listed.location_kind = 'till' or sold_at.location_id is not null as is_till,
        listed.store_code,
        listed.location_name,
        listed.city,
        listed.region_code,
        listed.country_code,
        listed.time_zone,
        listed.currency_code,
        listed.is_open
    from listed
    -- A location may sell that no list names any more: it was closed, or our credentials do not see it.
    full outer join sold_at
        on
            listed.connection = sold_at.connection
            and listed.location_kind = sold_at.location_kind
            and listed.location_id = sold_at.location_id
),

store_map as (
    select
        connection,
        location_id,
        store_id,
        coalesce(cast(valid_from as date), date '1900-01-01') as valid_from,
        coalesce(cast(valid_before as date), date '9999-12-31') as valid_before
    from {{ ref('stg_o2o__company_rows') }}
    where table_name = 'stores'
)

select
    locations.connection,
    locations.source_system,
    locations.location_kind,
    locations.location_id,
    coalesce(store_map.valid_from, date '1900-01-01') as valid_from,
    coalesce(store_map.valid_before, date '9999-12-31') as valid_before,
    coalesce(
        store_map.store_id,
        locations.store_code,
        -- Where nobody says which store it is, a till still sells: it is a store under its own id.
        case when locations.is_till then concat(locations.connection, ':', locations.location_id) end
    ) as store_id,
    locations.location_name,
    locations.city,
    locations.region_code,
    locations.country_code,
    locations.time_zone,
    locations.currency_code,
    locations.is_open
from locations
left join store_map
    on
        locations.connection = store_map.connection
        and locations.location_id = store_map.location_id
