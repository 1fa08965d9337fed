with

persons as (
    select distinct customer_id
    from {{ ref('int_identity__persons') }}
),

household_components as (
    select * from {{ ref('int_identity__household_components') }}
),

aliases as (
    select * from {{ ref('int_identity__aliases') }}
),

placed as (
    select
        persons.customer_id,
        coalesce(household_components.component, persons.customer_id) as component,
        aliases.born_at
    from persons
    inner join aliases
        on persons.customer_id = aliases.customer_id
    left join household_components
        on persons.customer_id = household_components.node
),

-- A household is called after the one of its members who has been known longest.
heads as (
    select
        component,
        customer_id,
        row_number() over (partition by component order by born_at, customer_id) as place,
        count(*) over (partition by component) as person_count
    from placed
)

select
    placed.customer_id,
    {{ hash_key(["'household'", 'heads.customer_id']) }} as household_id,
    heads.person_count as household_person_count
from placed
inner join heads
    on placed.component = heads.component
where heads.place = 1
