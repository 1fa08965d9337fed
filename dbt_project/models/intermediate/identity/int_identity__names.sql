with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

names as (
    select distinct
        'given_name' as attribute_name,
        given_name_hash as name_hash,
        given_name as name_text
    from observations
    where given_name is not null
    union all
    select distinct
        'family_name' as attribute_name,
        family_name_hash as name_hash,
        family_name as name_text
    from observations
    where family_name is not null
    union all
    select distinct
        'birth_date' as attribute_name,
        birth_date_hash as name_hash,
        birth_date as name_text
    from observations
    where birth_date is not null
),

liked as (
    select
        attribute_name,
        name_hash,
        o2o_likeness(attribute_name, name_text, {{ identity_key() }}) as likeness
    from names
)

select
    attribute_name,
    name_hash,
    likeness.offered as offered,
    likeness.accepted as accepted
from liked
