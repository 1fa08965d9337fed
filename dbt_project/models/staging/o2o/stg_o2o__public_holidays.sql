{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'public_holidays') }}
),

parsed as (
    select
        _key as public_holiday_id,
        {{ json_record('_payload', {
            'country_code': 'text', 'region_code': 'text', 'holiday_date': 'text', 'holiday_name': 'text',
            'holiday_scope': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    public_holiday_id,
    payload.country_code as country_code,
    payload.region_code as region_code,
    cast(payload.holiday_date as date) as holiday_date,
    payload.holiday_name as holiday_name,
    payload.holiday_scope as holiday_scope,
    _load_id,
    _extracted_at
from parsed
