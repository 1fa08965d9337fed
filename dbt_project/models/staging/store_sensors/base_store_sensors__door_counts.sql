{{ report_stream('count_date') }}

with

landed as (
    {{ newest_per_day('store_sensors', 'door_counts', 'count_date') }}
),

parsed as (
    select
        cast(_cursor as date) as count_date,
        _key,
        {{ json_record('_payload', {
            'serial': 'text', 'start': 'text', 'end': 'text', 'in': 'text', 'out': 'text',
        }) }} as payload,
        connection,
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
        {{ utc('payload.' ~ adapter.quote('end')) }} as ended_at,
        cast(payload.{{ adapter.quote('in') }} as bigint) as in_count,
        cast(payload.{{ adapter.quote('out') }} as bigint) as out_count,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'count_date') }}
