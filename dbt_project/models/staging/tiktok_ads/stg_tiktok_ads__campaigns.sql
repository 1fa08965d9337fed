{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('tiktok_ads', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'campaign_id': 'text!', 'advertiser_id': 'text!', 'campaign_name': 'text', 'objective_type': 'text',
        'operation_status': 'text', 'secondary_status': 'text', 'budget': 'amount?', 'budget_mode': 'text',
    }) }}
),

renamed as (
    select
        payload.campaign_id as campaign_id,
        payload.advertiser_id as account_id,
        payload.campaign_name as campaign_name,
        payload.objective_type as objective,
        coalesce(payload.secondary_status, payload.operation_status) as status,
        payload.budget_mode as budget_mode,
        {{ to_micros('payload.budget') }} as budget_micros,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
