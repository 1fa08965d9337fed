with

streams as (
    {% call(model, said) of_all_staged({
        'connection': 'string', 'source_name': 'string', 'stream': 'string', 'record_count': 'bigint',
    }) %}
    select
        connection,
        '{{ said.source }}' as source_name,
        '{{ said.stream }}' as stream,
        count(*) as record_count
    from {{ ref(model) }}
    where _key is not null
    group by connection
    {%- endcall %}
),

faults as (
    select
        connection,
        stream,
        count(distinct case when is_set_aside then record_key end) as set_aside_count,
        count(distinct case when is_set_aside then record_key end)
        - count(distinct case when is_set_aside and not is_accepted then record_key end) as accepted_count,
        count(distinct case when not is_set_aside then record_key end) as incomplete_count,
        min(case when is_set_aside then _extracted_at end) as first_set_aside_at,
        max(case when is_set_aside then _extracted_at end) as last_set_aside_at
    from {{ ref('int_records__faults') }}
    group by connection, stream
)

select
    streams.connection,
    streams.source_name,
    streams.stream,
    streams.record_count,
    coalesce(faults.set_aside_count, 0) as set_aside_count,
    coalesce(faults.accepted_count, 0) as accepted_count,
    coalesce(faults.incomplete_count, 0) as incomplete_count,
    faults.first_set_aside_at,
    faults.last_set_aside_at
from streams
left join faults
    on
        streams.connection = faults.connection
        and streams.stream = faults.stream
