{{ entity_stream() }}

{%- set days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] %}
{%- set period = {'elements': [{'start': 'count?', 'end': 'count?'}]} %}

with

landed as (
    {{ newest_per_key('clover', 'opening_hours') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'monday': period, 'tuesday': period, 'wednesday': period,
        'thursday': period, 'friday': period, 'saturday': period, 'sunday': period,
    }) }}
),

renamed as (
    select
        payload.id as clover_hours_id,
        payload.merchant_id as clover_merchant_id,
        {%- for day in days %}
        -- On the clock: 930 is half past nine.
        payload.{{ day }}.elements as {{ day }}_periods,
        {%- endfor %}
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
