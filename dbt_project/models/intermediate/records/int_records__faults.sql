with

faults as (
    {% call(model, said) of_all_staged({
        'connection': 'string', 'source_name': 'string', 'stream': 'string', 'record_key': 'string',
        'fault': 'string', '_load_id': 'string', '_extracted_at': 'timestamp',
    }) %}
    select
        connection,
        '{{ said.source }}' as source_name,
        '{{ said.stream }}' as stream,
        _key as record_key,
        {{ explode("split(_faults, chr(10))") }} as fault,
        _load_id,
        _extracted_at
    from {{ ref(model) }}
    where _faults is not null
    {%- endcall %}
),

-- record|total_money.amount|minor|99,99
told as (
    select distinct
        connection,
        source_name,
        stream,
        record_key,
        split_part(fault, '|', 2) as field,
        split_part(fault, '|', 1) = 'record' as is_set_aside,
        split_part(fault, '|', 3) as wanted,
        split_part(fault, '|', 4) as found_form,
        _load_id,
        _extracted_at
    from faults
)

select
    told.*,
    accepted.record_key is not null as is_accepted
from told
left join {{ ref('stg_o2o__accepted_records') }} as accepted
    on
        told.connection = accepted.connection
        and told.stream = accepted.stream
        and told.record_key = accepted.record_key
        -- What is wrong with it now: another fault is looked at anew.
        and concat(told.field, '|', told.wanted, '|', told.found_form) = accepted.fault
