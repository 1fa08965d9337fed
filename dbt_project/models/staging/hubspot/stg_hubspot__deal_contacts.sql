{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('hubspot', 'deal_contacts') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'associations': {'contacts': [{'toObjectId': 'text'}]}}) }}
),

renamed as (
    select
        payload.id as hubspot_deal_id,
        {{ first_element('payload.associations.contacts') }}.toObjectId as hubspot_contact_id,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
