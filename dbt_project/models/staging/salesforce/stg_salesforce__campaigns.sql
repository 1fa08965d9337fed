{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'Name': 'text', 'Type': 'text', 'Status': 'text', 'StartDate': 'day?', 'EndDate': 'day?',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_campaign_id,
        payload.Name as campaign_name,
        payload.Type as campaign_kind,
        payload.Status as status_name,
        {{ day('payload.StartDate') }} as start_date,
        {{ day('payload.EndDate') }} as end_date,
        coalesce({{ flag('payload.IsDeleted') }}, false)
        or coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.CreatedDate') }} as created_at,
        {{ utc('payload.SystemModstamp') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
