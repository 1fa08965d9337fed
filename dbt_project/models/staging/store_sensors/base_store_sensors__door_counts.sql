{{ config(unique_key='count_date') }}

with

landed as (
    {{ newest_per_day('store_sensors', 'door_counts') }}
),

parsed as (
    select
        cast(_cursor as date) as count_date,
        _key,
        {{ json_record('_payload', {
            'serial': 'text', 'start': 'text', 'end': 'text', 'in': 'text', 'out': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        count_date,
        _key as door_count_id,
        payload.serial as counter_serial,
        {{ utc('payload.start') }} as started_at,
        {{ utc('payload."end"') }} as ended_at,
        cast(payload."in" as bigint) as in_count,
        cast(payload."out" as bigint) as out_count,
        _load_id,
        _extracted_at
    from parsed
)

select * from renamed
