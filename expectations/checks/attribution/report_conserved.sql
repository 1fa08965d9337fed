{% from "_money.sql" import in_minor_units %}
with report as (
    select
        attribution_model,
        credit_view,
        currency_code,
        {{ in_minor_units("sum(revenue_amount)") }} as revenue,
        {{ in_minor_units("sum(spend_amount)") }} as spend
    from marts.rpt_channel_performance
    group by attribution_model, credit_view, currency_code
)

select
    'revenue · ' || attribution_model || ' model · ' || credit_view as place,
    null as day,
    currency_code as unit,
    (
        select coalesce(sum(net_reporting_minor), 0) from marts.fct_orders
        where is_sale
    ) as left_total,
    revenue as right_total,
    0 as tolerance,
    null as ids
from report
union all
select
    'spend · ' || attribution_model || ' model · ' || credit_view as place,
    null as day,
    currency_code as unit,
    (select coalesce(sum(spend_reporting_minor), 0) from marts.fct_ad_spend) as left_total,
    spend as right_total,
    0 as tolerance,
    null as ids
from report
