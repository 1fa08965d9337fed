{# Per stream: how many records a fault meets, five of them by name, and how many it may meet. #}
{% macro faulty(condition, tolerance) %}
select
    concat(streams.connection, '/', streams.stream) as place,
    cast(null as date) as day,
    'records' as unit,
    coalesce(faulty.records, 0) as left_total,
    0 as right_total,
    {{ tolerance }} as tolerance,
    faulty.ids
from intermediate.int_records__streams as streams
left join (
    select
        connection,
        stream,
        count(distinct record_key) as records,
        {{ first_five("concat(record_key, ': ', field, ' is no ', wanted)") }} as ids
    from intermediate.int_records__faults
    where {{ condition }}
    group by connection, stream
) as faulty
    on
        streams.connection = faulty.connection
        and streams.stream = faulty.stream
{% endmacro %}

{# A rarity is so many percent of the stream, and always a few. #}
{% macro a_rarity(percent, records) %}
greatest({{ records }}, streams.record_count * 0.01 * {{ percent }})
{%- endmacro %}
