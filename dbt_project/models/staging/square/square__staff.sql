{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    square_team_member_id as staff_id,
    case when square_location_id is not null then 'till' end as location_kind,
    square_location_id as location_id,
    role_name,
    coalesce(status = 'ACTIVE', false) as is_active,
    created_at as started_at
from {{ staged('stg_square__team_members') }}
