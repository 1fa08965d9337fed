-- Per currency, deals and money in the contract are those of the opportunities that were staged and not deleted.
with

both_sides as (
    select
        currency_code,
        1 as staged_count,
        coalesce(amount_minor, 0) as staged_minor,
        0 as conformed_count,
        0 as conformed_minor
    from {{ staged('stg_salesforce__opportunities') }}
    where not is_deleted
    union all
    select
        currency_code,
        0 as staged_count,
        0 as staged_minor,
        1 as conformed_count,
        coalesce(amount_minor, 0) as conformed_minor
    from {{ ref('deals') }}
    where source_system = 'salesforce'
)

select
    coalesce(currency_code, '?') as currency_code,
    sum(staged_count) as staged_count,
    sum(conformed_count) as conformed_count,
    sum(staged_minor) as staged_minor,
    sum(conformed_minor) as conformed_minor
from both_sides
group by coalesce(currency_code, '?')
having
    sum(staged_count) <> sum(conformed_count)
    or sum(staged_minor) <> sum(conformed_minor)
