select
    platform || ' account ' || account_id || ' · ' || coalesce(currency_code, 'unknown currency') as place,
    cast(null as date) as day,
    'campaign days' as unit,
    count(*) as left_total,
    count(spend_reporting_minor) as right_total,
    0 as tolerance,
    {{ first_five("campaign_id", "spend_reporting_minor is null") }} as ids
from marts.fct_ad_spend
group by platform, account_id, currency_code
