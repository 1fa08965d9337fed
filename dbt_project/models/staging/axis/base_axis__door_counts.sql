{{ report_stream('count_date') }}

with

landed as (
    {{ newest_per_day('axis', 'door_counts', 'count_date') }}
),

parsed as (
    {{ opened('landed', {
        'serial': 'text!', 'name': 'text', 'started_at': 'time!', 'ended_at': 'time!', 'in': 'count!', 'out': 'count',
    }) }}
),

renamed as (
    select
        {{ day('_cursor') }} as count_date,
        _key as door_count_id,
        payload.serial as counter_serial,
        payload.name as counter_name,
        {{ utc('payload.started_at') }} as started_at,
        {{ utc('payload.ended_at') }} as ended_at,
        {{ counted('payload.' ~ adapter.quote('in')) }} as in_count,
        {{ counted('payload.' ~ adapter.quote('out')) }} as out_count,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'count_date') }}
