{#- The end of an advertising source's own test: per account, what `model` staged of a day stands in the contract: days
    of campaigns, cost, clicks and claims. -#}
{% macro conserved_spend(model, source_system) -%}
with

staged as (
    select
        connection,
        account_id,
        count(*) as day_count,
        sum(cost_micros) as cost_micros,
        sum(click_count) as click_count,
        sum(claimed_conversions) as claimed_conversions,
        sum(claimed_value_amount) as claimed_value_amount
    from {{ staged(model) }}
    where report_key is not null
    group by connection, account_id
),

told as (
    select
        connection,
        account_id,
        count(*) as day_count,
        sum(cost_micros) as cost_micros,
        sum(click_count) as click_count,
        sum(claimed_conversions) as claimed_conversions,
        sum(claimed_value_amount) as claimed_value_amount
    from {{ ref('ad_spend') }}
    where source_system = '{{ source_system }}'
    group by connection, account_id
)

select
    staged.connection as staged_connection,
    told.connection as told_connection,
    coalesce(staged.account_id, told.account_id) as account_id,
    staged.cost_micros as staged_micros,
    told.cost_micros as told_micros
from staged
full outer join told
    on
        staged.connection = told.connection
        and staged.account_id = told.account_id
where
    staged.connection is null
    or told.connection is null
    or staged.day_count <> told.day_count
    or staged.cost_micros <> told.cost_micros
    or staged.click_count <> told.click_count
    or staged.claimed_conversions <> told.claimed_conversions
    or staged.claimed_value_amount <> told.claimed_value_amount
{%- endmacro %}
