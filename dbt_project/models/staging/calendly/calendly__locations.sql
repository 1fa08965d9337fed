{{ config(materialized='view') }}

with

places as (
    select
        connection,
        max(_load_id) as _load_id,
        place_name
    from {{ staged('stg_calendly__scheduled_events') }}
    where place_name is not null
    group by connection, place_name
)

select
    connection,
    'calendly' as source_system,
    _load_id,
    'place' as location_kind,
    place_name as location_id,
    {{ store_code('place_name') }} as store_code,
    place_name as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    cast(null as boolean) as is_open
from places
