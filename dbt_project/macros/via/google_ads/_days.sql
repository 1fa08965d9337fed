{#- A day of a Google Ads report as our connector lands it: the rows of every campaign, summed over what the
    loader breaks them down by, and a row without a key that says the day was read. `stats` is a query for (day,
    account_id, campaign_id, impressions, clicks, cost_micros, conversions, conversions_value, _synced). -#}
{% macro campaign_days(stats) -%}
    with

    stats as ({{ stats }}),

    -- A day is as new as its newest row.
    days as (
        select day, max(_synced) as _synced
        from stats
        group by day
    ),

    sums as (
        select
            day,
            account_id,
            campaign_id,
            sum(cast(impressions as bigint)) as impressions,
            sum(cast(clicks as bigint)) as clicks,
            sum(cast(cost_micros as bigint)) as cost_micros,
            sum(cast(conversions as decimal(28, 8))) as conversions,
            sum(cast(conversions_value as decimal(28, 8))) as conversions_value
        from stats
        group by day, account_id, campaign_id
    )

    select
        sums.campaign_id || '|' || sums.day as _key,
        sums.day as _cursor,
        days._synced,
        {{ json_text({
            'campaign': {
                'id': 'sums.campaign_id',
                'resourceName': "'customers/' || sums.account_id || '/campaigns/' || sums.campaign_id",
            },
            'metrics': {
                'impressions': as_text('sums.impressions'), 'clicks': as_text('sums.clicks'),
                'costMicros': as_text('sums.cost_micros'), 'conversions': as_text('sums.conversions'),
                'conversionsValue': as_text('sums.conversions_value'),
            },
        }) }} as _payload
    from sums
    inner join days on sums.day = days.day
    union all
    select null, day, _synced, null
    from days
{%- endmacro %}

{#- The same of single clicks: `clicks` is a query for (day, click_id, account_id, campaign_id,
    device, _synced). -#}
{% macro click_days(clicks) -%}
    with

    clicks as ({{ clicks }}),

    days as (
        select day, max(_synced) as _synced
        from clicks
        group by day
    )

    select
        clicks.click_id as _key,
        clicks.day as _cursor,
        days._synced,
        {{ json_text({
            'campaign': {
                'id': 'clicks.campaign_id',
                'resourceName': "'customers/' || clicks.account_id || '/campaigns/' || clicks.campaign_id",
            },
            'clickView': {'gclid': 'clicks.click_id'},
            'segments': {'device': 'clicks.device'},
        }) }} as _payload
    from clicks
    inner join days on clicks.day = days.day
    where clicks.click_id is not null
    union all
    select null, day, _synced, null
    from days
{%- endmacro %}
