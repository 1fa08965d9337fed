with

edges as (
    select * from {{ ref('int_identity__edges') }}
    where blocked_reason is null
),

components as (
    select * from {{ ref('int_identity__components') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

members as (
    select
        components.component,
        records.record_key,
        records.record_kind,
        groups.strong_group,
        groups.has_email,
        groups.given_name_hash is not null as group_is_named,
        {{ who_of('records') }}
    from records
    inner join components
        on records.record_key = components.node
    inner join groups
        on records.record_key = groups.record_key
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
