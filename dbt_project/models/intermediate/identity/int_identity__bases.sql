with

edges as (
    select * from {{ ref('int_identity__edges') }}
    where blocked_reason is null
),

components as (
    select * from {{ ref('int_identity__components') }}
),

faults as (
    select * from {{ ref('int_identity__faults') }}
),

rung_components as (
    select * from {{ ref('int_identity__rungs') }}
),

rungs as (
    select distinct trust_rank as rung
    from {{ ref('identifier_rules') }}
),

faulty_records as (
    select
        components.node as record_key,
        faults.fault as whole_fault
    from components
    inner join faults
        on components.component = faults.component
    inner join {{ ref('int_identity__records') }} as known
        on components.node = known.record_key
),

-- Each record on each rung. Where none of its links is, it stands alone.
standing as (
    select
        faulty_records.record_key,
        faulty_records.whole_fault,
        rungs.rung,
        coalesce(
            {{ as_text('rung_components.component') }}, concat(rungs.rung, '|', faulty_records.record_key)
        ) as component
    from faulty_records
    cross join rungs
    left join rung_components
        on concat(rungs.rung, '|', faulty_records.record_key) = rung_components.node
),

judged as (
    select
        component,
        record_key
    from standing
),

counted as (
    select
        standing.component,
        edges.identifier_type,
        edges.id_connection,
        edges.identifier_hash
    from standing
    inner join edges
        on standing.record_key = edges.record_key and standing.rung >= edges.trust_rank
),

{{ faults_of_components() }},

-- The highest rung below the first fault. What systems say themselves, on the lowest, is not doubted.
first_faults as (
    select
        standing.record_key,
        min(standing.rung) as rung
    from standing
    inner join found
        on standing.component = found.component
    group by standing.record_key
),

lowest as (
    select min(rung) as rung
    from rungs
),

chosen as (
    select
        standing.record_key,
        greatest(
            max(case when standing.rung < coalesce(first_faults.rung, 99) then standing.rung end), max(lowest.rung)
        ) as rung
    from standing
    left join first_faults
        on standing.record_key = first_faults.record_key
    cross join lowest
    group by standing.record_key
),

faults_on_rungs as (
    select
        component,
        min(fault) as fault
    from found
    group by component
)

select
    standing.record_key,
    standing.rung,
    standing.component as base_key,
    -- What was wrong one rung further.
    coalesce(faults_on_rungs.fault, standing.whole_fault) as fault
from standing
inner join chosen
    on standing.record_key = chosen.record_key and standing.rung = chosen.rung
left join first_faults
    on standing.record_key = first_faults.record_key
left join standing as further
    on standing.record_key = further.record_key and first_faults.rung = further.rung
left join faults_on_rungs
    on further.component = faults_on_rungs.component
