with

persons as (
    select * from {{ ref('int_identity__persons') }}
),

evidence as (
    select * from {{ ref('int_identity__evidence') }}
    where is_usable
),

judged as (
    select
        customer_id as component,
        record_key
    from persons
),

counted as (
    select
        persons.customer_id as component,
        evidence.identifier_type,
        evidence.id_connection,
        evidence.identifier_hash
    from evidence
    inner join persons
        on evidence.record_key = persons.record_key
),

{{ faults_of_components() }}

select
    component as customer_id,
    min(fault) as fault
from found
group by component
