with

edges as (
    select * from {{ ref('int_identity__edges') }}
    where blocked_reason is null
),

components as (
    select * from {{ ref('int_identity__components') }}
),

-- Links are nodes, too; they are no records, and fall out.
judged as (
    select
        component,
        node as record_key
    from components
),

counted as (
    select
        components.component,
        edges.identifier_type,
        edges.id_connection,
        edges.identifier_hash
    from edges
    inner join components
        on edges.record_key = components.node
),

{{ faults_of_components() }}

select
    component,
    min(fault) as fault
from found
group by component
