{#- Google Ads as Fivetran keeps it: histories of accounts and campaigns, and prebuilt reports. -#}

{% macro fivetran__google_ads__customers(tables) -%}
    select
        id as _key,
        updated_at as _cursor,
        _synced,
        {{ json_text({'customer': {
            'id': 'id', 'descriptiveName': 'descriptive_name', 'currencyCode': 'currency_code',
            'timeZone': 'time_zone',
        }}) }} as _payload
    from {{ rows_of(tables, 'account_history', {
        'id': 'text', 'updated_at': 'time', 'descriptive_name': 'text', 'currency_code': 'text',
        'time_zone': 'text', 'manager': 'text',
    }) }} as accounts
    -- Whoever manages accounts has no campaigns.
    where coalesce(manager, 'false') <> 'true'
{%- endmacro %}

{% macro fivetran__google_ads__campaigns(tables) -%}
    with

    budget_rows as {{ rows_of(tables, 'campaign_budget_history', {
        'campaign_id': 'text', 'updated_at': 'time', 'amount_micros': 'text',
    }, optional=true) }},

    budgets as (
        select *, row_number() over (partition by campaign_id order by updated_at desc) as recency
        from budget_rows
    )

    select
        campaigns.id as _key,
        campaigns.updated_at as _cursor,
        campaigns._synced,
        {{ json_text({
            'campaign': {
                'id': 'campaigns.id',
                'resourceName': "'customers/' || campaigns.customer_id || '/campaigns/' || campaigns.id",
                'name': 'campaigns.name', 'status': 'campaigns.status',
                'advertisingChannelType': 'campaigns.advertising_channel_type',
                'startDateTime': 'coalesce(campaigns.start_date_time, campaigns.start_date)',
                'endDateTime': 'coalesce(campaigns.end_date_time, campaigns.end_date)',
            },
            'campaignBudget': {'amountMicros': 'budgets.amount_micros'},
        }) }} as _payload
    from {{ rows_of(tables, 'campaign_history', {
        'id': 'text', 'customer_id': 'text', 'updated_at': 'time', 'name': 'text', 'status': 'text',
        'advertising_channel_type': 'text', 'start_date': 'day', 'end_date': 'day', 'start_date_time': 'day',
        'end_date_time': 'day',
    }) }} as campaigns
    left join budgets on campaigns.id = budgets.campaign_id and budgets.recency = 1
{%- endmacro %}

{% macro fivetran__google_ads__campaign_performance(tables) -%}
    {%- set stats -%}
        select
            date as day,
            customer_id as account_id,
            id as campaign_id,
            impressions,
            clicks,
            cost_micros,
            conversions,
            conversions_value,
            _synced
        from {{ rows_of(tables, 'campaign_stats', {
            'date': 'day', 'customer_id': 'text', 'id': 'text', 'impressions': 'text', 'clicks': 'text',
            'cost_micros': 'text', 'conversions': 'number', 'conversions_value': 'number',
        }) }} as rows_of_stats
    {%- endset -%}
    {{ campaign_days(stats) }}
{%- endmacro %}

{#- No prebuilt report has single clicks: they are read from a custom report, if there is one. -#}
{% macro fivetran__google_ads__click_views(tables) -%}
    {%- set clicks -%}
        select
            coalesce(segments_date, date) as day,
            coalesce(click_view_gclid, gclid) as click_id,
            customer_id as account_id,
            campaign_id,
            coalesce(segments_device, device) as device,
            _synced
        from {{ rows_of(tables, 'click_view', {
            'date': 'day', 'segments_date': 'day', 'gclid': 'text', 'click_view_gclid': 'text',
            'customer_id': 'text', 'campaign_id': 'text', 'device': 'text', 'segments_device': 'text',
        }, optional=true) }} as rows_of_clicks
    {%- endset -%}
    {{ click_days(clicks) }}
{%- endmacro %}
