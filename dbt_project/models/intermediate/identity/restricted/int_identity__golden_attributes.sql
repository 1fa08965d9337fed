with

profiles as (
    select * from {{ ref('int_identity__profiles') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

survivorship_rules as (
    select * from {{ ref('survivorship_rules') }}
),

attributes as (
    select
        record_key,
        source_system,
        record_type,
        record_id,
        updated_at,
        {{ explode(named_values([
            'email', 'phone', 'first_name', 'last_name', 'birth_date_text', 'street', 'city', 'postal_code',
            'country_code',
        ])) }} as attribute
    from (
        select
            *,
            {{ as_text('birth_date') }} as birth_date_text
        from profiles
    ) as texts
),

named as (
    select
        persons.customer_id,
        attributes.record_key,
        attributes.source_system,
        attributes.updated_at,
        case attributes.attribute.name when 'birth_date_text' then 'birth_date' else attributes.attribute.name end
            as attribute_name,
        nullif(trim(attributes.attribute.value), '') as attribute_value
    from attributes
    inner join persons
        on
            attributes.record_type = persons.record_type
            and attributes.record_id = persons.record_id
),

candidates as (
    select
        named.*,
        survivorship_rules.source_rank,
        row_number() over (
            partition by named.customer_id, named.attribute_name
            order by survivorship_rules.source_rank asc, named.updated_at desc, named.record_key asc
        ) as place,
        count(*) over (partition by named.customer_id, named.attribute_name) as candidate_count
    from named
    inner join survivorship_rules
        on
            named.attribute_name = survivorship_rules.attribute_name
            and named.source_system = survivorship_rules.source_system
    where named.attribute_value is not null
),

agreement as (
    select
        customer_id,
        attribute_name,
        count(distinct lower(attribute_value)) as value_count
    from candidates
    group by customer_id, attribute_name
)

select
    candidates.customer_id,
    candidates.attribute_name,
    candidates.attribute_value,
    candidates.source_system,
    candidates.record_key,
    candidates.updated_at,
    candidates.candidate_count,
    agreement.value_count
from candidates
inner join agreement
    on
        candidates.customer_id = agreement.customer_id
        and candidates.attribute_name = agreement.attribute_name
where candidates.place = 1
