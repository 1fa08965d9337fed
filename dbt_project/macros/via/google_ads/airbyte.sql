{#- Google Ads as Airbyte keeps it: `campaign.id` is a column campaign_id. Its `campaign` is a report, too: a row
    per campaign, day, hour and network, with the campaign as it was then. -#}

{% macro airbyte__google_ads__customers(tables) -%}
    select
        customer_id as _key,
        segments_date as _cursor,
        _synced,
        {{ json_text({'customer': {
            'id': 'customer_id', 'descriptiveName': 'customer_descriptive_name',
            'currencyCode': 'customer_currency_code', 'timeZone': 'customer_time_zone',
        }}) }} as _payload
    from {{ rows_of(tables, 'customer', {
        'customer_id': 'text', 'customer_descriptive_name': 'text', 'customer_currency_code': 'text',
        'customer_time_zone': 'text', 'customer_manager': 'text', 'segments_date': 'day',
    }) }} as accounts
    -- Whoever manages accounts has no campaigns.
    where coalesce(customer_manager, 'false') <> 'true'
{%- endmacro %}

{% macro airbyte__google_ads__campaigns(tables) -%}
    select
        campaign_id as _key,
        segments_date as _cursor,
        _synced,
        {{ json_text({
            'campaign': {
                'id': 'campaign_id', 'resourceName': 'campaign_resource_name', 'name': 'campaign_name',
                'status': 'campaign_status', 'advertisingChannelType': 'campaign_advertising_channel_type',
                'startDateTime': 'coalesce(campaign_start_date_time, campaign_start_date)',
                'endDateTime': 'coalesce(campaign_end_date_time, campaign_end_date)',
            },
            'campaignBudget': {'amountMicros': 'campaign_budget_amount_micros'},
        }) }} as _payload
    from {{ rows_of(tables, 'campaign', {
        'campaign_id': 'text', 'campaign_resource_name': 'text', 'campaign_name': 'text', 'campaign_status': 'text',
        'campaign_advertising_channel_type': 'text', 'campaign_start_date': 'day', 'campaign_end_date': 'day',
        'campaign_start_date_time': 'day', 'campaign_end_date_time': 'day', 'campaign_budget_amount_micros': 'text',
        'segments_date': 'day',
    }) }} as campaigns
{%- endmacro %}

{% macro airbyte__google_ads__campaign_performance(tables) -%}
    {%- set stats -%}
        select
            segments_date as day,
            split_part(campaign_resource_name, '/', 2) as account_id,
            campaign_id,
            metrics_impressions as impressions,
            metrics_clicks as clicks,
            metrics_cost_micros as cost_micros,
            metrics_conversions as conversions,
            metrics_conversions_value as conversions_value,
            _synced
        from {{ rows_of(tables, 'campaign', {
            'segments_date': 'day', 'campaign_resource_name': 'text', 'campaign_id': 'text',
            'metrics_impressions': 'text', 'metrics_clicks': 'text', 'metrics_cost_micros': 'text',
            'metrics_conversions': 'number', 'metrics_conversions_value': 'number',
        }) }} as rows_of_stats
    {%- endset -%}
    {{ campaign_days(stats) }}
{%- endmacro %}

{% macro airbyte__google_ads__click_views(tables) -%}
    {%- set clicks -%}
        select
            segments_date as day,
            click_view_gclid as click_id,
            customer_id as account_id,
            campaign_id,
            segments_device as device,
            _synced
        from {{ rows_of(tables, 'click_view', {
            'segments_date': 'day', 'click_view_gclid': 'text', 'customer_id': 'text', 'campaign_id': 'text',
            'segments_device': 'text',
        }, optional=true) }} as rows_of_clicks
    {%- endset -%}
    {{ click_days(clicks) }}
{%- endmacro %}
