{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('typeform', 'forms') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'title': 'text', 'last_updated_at': 'time', 'deleted': 'flag?'}) }}
),

renamed as (
    select
        payload.id as typeform_form_id,
        payload.title as form_name,
        coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.last_updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
