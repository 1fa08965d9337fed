select
    record_key,
    connection,
    source_system,
    record_kind,
    record_id,
    customer_id
from {{ ref('int_identity__memberships') }}
where valid_to is null
