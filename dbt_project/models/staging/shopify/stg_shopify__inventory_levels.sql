{{ entity_stream() }}

with

landed as (
    {{ readings_per_key('shopify', 'inventory_levels') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'isActive': 'flag?', 'updatedAt': 'time!', 'location': {'id': 'text!'},
        'item': {'id': 'text!', 'sku': 'text', 'tracked': 'flag?'},
        'quantities': [{'name': 'text', 'quantity': 'whole'}],
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.item.id') }} as inventory_item_id,
        {{ gid_number('payload.location.id') }} as shopify_location_id,
        nullif(trim(payload.item.sku), '') as sku,
        coalesce({{ flag('payload.item.tracked') }}, true) and coalesce({{ flag('payload.isActive') }}, true)
            as is_tracked,
        {%- for name in ('on_hand', 'available', 'incoming') %}
        {{ whole(
            first_element(filter_elements('payload.quantities', "element.name = '" ~ name ~ "'")) ~ '.quantity'
        ) }} as {{ name }}_count,
        {%- endfor %}
        {{ utc('payload.updatedAt') }} as updated_at,
        recency,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

readings as (
    {{ one_per_reading('renamed', 'updated_at') }}
)

{{ staged_entities('readings') }}
