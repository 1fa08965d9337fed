select
    source_system,
    record_type,
    record_id,
    customer_id
from {{ ref('int_identity__memberships') }}
where valid_to is null
