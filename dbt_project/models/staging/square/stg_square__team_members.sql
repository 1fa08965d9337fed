{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'team_members') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'status': 'text', 'is_owner': 'flag?', 'given_name': 'text', 'family_name': 'text',
        'created_at': 'time?', 'updated_at': 'time?',
        'assigned_locations': {'assignment_type': 'text', 'location_ids': ['text']},
        'wage_setting': {'job_assignments': [{'job_title': 'text'}]},
    }) }}
),

renamed as (
    select
        payload.id as square_team_member_id,
        payload.status as status,
        case
            when {{ flag('payload.is_owner') }} then 'owner'
            else {{ first_element('payload.wage_setting.job_assignments') }}.job_title
        end as role_name,
        payload.given_name as first_name,
        payload.family_name as last_name,
        case
            when {{ element_count('payload.assigned_locations.location_ids') }} = 1
                then {{ first_element('payload.assigned_locations.location_ids') }}
        end as square_location_id,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
