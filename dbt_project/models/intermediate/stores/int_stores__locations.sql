with

locations as (
    select * from {{ ref('locations') }}
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
        case when locations.location_kind = 'till' then concat(locations.connection, ':', locations.location_id) end
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
