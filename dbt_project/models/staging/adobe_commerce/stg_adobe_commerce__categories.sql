{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'categories') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'name': 'text'}) }}
),

renamed as (
    select
        payload.id as adobe_commerce_category_id,
        payload.name as category_name,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
