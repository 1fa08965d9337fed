{{ config(enabled=env_var('O2O_LINKAGE', 'off') == 'on') }}

with

groups as (
    select * from {{ ref('int_identity__groups') }}
),

certain_components as (
    select * from {{ ref('int_identity__certain_components') }}
),

members as (
    select
        groups.record_key,
        groups.record_kind,
        coalesce(certain_components.component, groups.record_key) as component
    from groups
    left join certain_components
        on groups.record_key = certain_components.node
),

-- Their smallest customer record speaks for them: a link between two such records ties both persons.
spokesmen as (
    select
        component,
        min(record_key) as person_key
    from members
    where {{ is_customer_record('record_kind') }}
    group by component
)

select
    spokesmen.person_key,
    members.record_key
from members
inner join spokesmen
    on members.component = spokesmen.component
