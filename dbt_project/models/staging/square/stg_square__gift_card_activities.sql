{{ entity_stream() }}

{%- set moved = {'amount_money': {'amount': 'minor', 'currency': 'text'}, 'order_id': 'text'} %}

with

landed as (
    {{ newest_per_key('square', 'gift_card_activities') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'type': 'text', 'gift_card_id': 'text', 'location_id': 'text', 'created_at': 'time!',
        'activate_activity_details': moved, 'load_activity_details': moved,
        'import_activity_details': {'amount_money': {'amount': 'minor', 'currency': 'text'}},
    }) }}
),

renamed as (
    select
        payload.id as square_activity_id,
        payload.type as activity_type,
        payload.gift_card_id as square_gift_card_id,
        payload.location_id as square_location_id,
        coalesce(payload.activate_activity_details.order_id, payload.load_activity_details.order_id)
            as square_order_id,
        coalesce(
            {{ minor('payload.activate_activity_details.amount_money.amount') }},
            {{ minor('payload.load_activity_details.amount_money.amount') }},
            {{ minor('payload.import_activity_details.amount_money.amount') }}
        ) as issued_minor,
        {{ utc('payload.created_at') }} as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
