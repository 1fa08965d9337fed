{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('hubspot', 'pipelines') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'label': 'text',
        'stages': [{'id': 'text!', 'label': 'text', 'metadata': {'isClosed': 'flag?', 'probability': 'amount?'}}],
    }) }}
),

renamed as (
    select
        payload.id as hubspot_pipeline_id,
        payload.label as pipeline_name,
        payload.stages as stages,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
