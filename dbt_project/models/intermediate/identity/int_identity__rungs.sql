{#- What cannot be one person is taken apart from the weakest links up: on each rung are the links of one rank of trust
    and all above it. -#}
{{ config(materialized='connected_components') }}

with

rungs as (
    select distinct trust_rank as rung
    from {{ ref('identifier_rules') }}
)

select
    concat(rungs.rung, '|', edges.record_key) as node_a,
    concat(rungs.rung, '|', edges.link_key) as node_b
from {{ ref('int_identity__edges') }} as edges
inner join {{ ref('int_identity__components') }} as components
    on edges.record_key = components.node
inner join {{ ref('int_identity__faults') }} as faults
    on components.component = faults.component
inner join rungs
    on edges.trust_rank <= rungs.rung
where edges.blocked_reason is null
