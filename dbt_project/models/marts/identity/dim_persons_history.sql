with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

aliases as (
    select * from {{ ref('int_identity__aliases') }}
)

select
    memberships.membership_id,
    memberships.connection,
    memberships.source_system,
    memberships.record_kind,
    {{ outward_record_id('memberships.record_kind', 'memberships.record_id') }} as record_id,
    memberships.customer_id,
    aliases.current_customer_id,
    memberships.valid_from,
    memberships.valid_to,
    memberships.valid_to is null as is_current,
    memberships.opened_by,
    memberships.closed_by,
    memberships.former_customer_id,
    memberships.cause_rule,
    cast(memberships.opened_run as bigint) as opened_run,
    cast(memberships.closed_run as bigint) as closed_run
from memberships
inner join aliases
    on memberships.customer_id = aliases.customer_id
