select
    customer_id,
    current_customer_id,
    person_status,
    born_at,
    ended_at
from {{ ref('int_identity__aliases') }}
