with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

profiles as (
    select
        {{ record_key_of() }} as record_key,
        last_name,
        street,
        postal_code
    from {{ ref('person_records') }}
    where is_active
),

-- What people share who are not one person: a phone, card or browser that several names use. With one
-- family name it is a household; a store's tablet was found out before.
shared as (
    select
        persons.customer_id,
        concat(
            evidence.identifier_type, ':', evidence.identifier_hash, ':', groups.family_name_hash
        ) as household_key
    from evidence
    inner join groups
        on evidence.record_key = groups.record_key
    inner join persons
        on evidence.record_key = persons.record_key
    where
        evidence.strength = 'weak'
        and groups.family_name_hash is not null
        and (evidence.blocked_reason is null or evidence.blocked_reason in ('ambiguous_name', 'bridges_people'))
),

-- And an address, with one family name.
neighbours as (
    select
        persons.customer_id,
        {{ keyed_hash("concat_ws('|', lower(trim(profiles.last_name)), lower(trim(profiles.street)), "
            ~ "trim(profiles.postal_code))") }} as address_hash
    from profiles
    inner join persons
        on profiles.record_key = persons.record_key
    where
        nullif(trim(profiles.last_name), '') is not null
        and nullif(trim(profiles.street), '') is not null
        and nullif(trim(profiles.postal_code), '') is not null
),

distinct_links as (
    select
        customer_id,
        household_key
    from shared
    union
    select
        customer_id,
        concat('address:', address_hash) as household_key
    from neighbours
),

sizes as (
    select
        household_key,
        count(*) as person_count
    from distinct_links
    group by household_key
)

select
    distinct_links.customer_id,
    distinct_links.household_key
from distinct_links
inner join sizes
    on distinct_links.household_key = sizes.household_key
where sizes.person_count between 2 and {{ var('household_maximum_persons') }}
