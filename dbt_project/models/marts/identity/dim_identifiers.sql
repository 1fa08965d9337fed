with

identifiers as (
    select * from {{ ref('int_identity__identifiers') }}
)

select
    {{ outward_hash("concat(identifier_type, ':', identifier_hash)") }} as identifier_id,
    identifier_type,
    identifier_status,
    blocked_reason,
    cast(record_count as bigint) as record_count,
    cast(usable_record_count as bigint) as usable_record_count,
    cast(person_count as bigint) as person_count,
    cast(part_count as bigint) as part_count,
    first_observed_at,
    last_observed_at
from identifiers
