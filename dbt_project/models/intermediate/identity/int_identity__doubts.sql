with

persons as (
    select * from {{ ref('int_identity__persons') }}
),

evidence as (
    select * from {{ ref('int_identity__evidence') }}
    where is_usable
),

records as (
    select * from {{ ref('int_identity__records') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

members as (
    select
        persons.customer_id as component,
        persons.record_key,
        persons.record_kind,
        groups.strong_group,
        groups.has_email,
        groups.given_name_hash is not null as group_is_named,
        {{ who_of('records') }}
    from persons
    inner join records
        on persons.record_key = records.record_key
    inner join groups
        on persons.record_key = groups.record_key
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
