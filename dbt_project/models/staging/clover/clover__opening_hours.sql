{{ config(materialized='view') }}

{%- set days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] %}

with

opened as (
    {%- for day in days %}
    select
        connection,
        _load_id,
        clover_merchant_id,
        {{ loop.index }} as weekday,
        {{ explode(day ~ '_periods') }} as period
    from {{ staged('stg_clover__opening_hours') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

timed as (
    select
        *,
        {{ counted("period.start") }} as opens,
        {{ counted("period." ~ adapter.quote('end')) }} as closes
    from opened
)

select distinct
    connection,
    'clover' as source_system,
    _load_id,
    'till' as location_kind,
    clover_merchant_id as location_id,
    weekday,
    cast(floor(opens / 100) * 60 + opens % 100 as integer) as opens_minute,
    cast(floor(closes / 100) * 60 + closes % 100 as integer) as closes_minute
from timed
where opens is not null and closes is not null
