{{ report_stream('report_date') }}

{#- One purchase is told under several names, of which the first holds the others. They are never added. -#}
{%- set purchases = ['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase'] -%}
{%- set figures = {
    'action_type': 'text', 'value': 'amount?', '1d_view': 'amount?', '7d_click': 'amount?', '28d_click': 'amount?',
} -%}

with

landed as (
    {{ newest_per_day('meta_ads', 'campaign_insights', 'report_date') }}
),

parsed as (
    {{ opened('landed', {
        'account_id': 'text!', 'campaign_id': 'text!', 'spend': 'amount!', 'impressions': 'whole', 'clicks': 'whole',
        'actions': [figures], 'action_values': [figures],
    }) }}
),

chosen as (
    select
        *,
        coalesce(
            {% for action in purchases %}
            {{ first_element(filter_elements('payload.actions', "element.action_type = '" ~ action ~ "'")) }}
            {% if not loop.last %},{% endif %}
            {% endfor %}
        ) as purchase,
        coalesce(
            {% for action in purchases %}
            {{ first_element(filter_elements('payload.action_values', "element.action_type = '" ~ action ~ "'")) }}
            {% if not loop.last %},{% endif %}
            {% endfor %}
        ) as purchase_value
    from parsed
),

renamed as (
    select
        {{ day('_cursor') }} as report_date,
        _key as report_key,
        payload.campaign_id as campaign_id,
        payload.account_id as account_id,
        -- The vendor leaves out what is zero.
        coalesce({{ whole('payload.impressions') }}, 0) as impression_count,
        coalesce({{ whole('payload.clicks') }}, 0) as click_count,
        {{ to_micros('payload.spend') }} as cost_micros,
        {% for column, figure in (
            ('claimed_conversions', 'purchase'), ('claimed_value_amount', 'purchase_value'),
        ) -%}
        -- By the account's own attribution setting; where that is not told, after a click or a view.
        cast(coalesce(
            {{ amount(figure ~ '.value') }},
            coalesce({{ amount(figure ~ '.' ~ adapter.quote('7d_click')) }}, 0)
            + coalesce({{ amount(figure ~ '.' ~ adapter.quote('1d_view')) }}, 0)
        ) as decimal(18, 6)) as {{ column }},
        {% endfor -%}
        {%- for column, figure, window in (
            ('view_conversions', 'purchase', '1d_view'), ('view_value_amount', 'purchase_value', '1d_view'),
            ('click_7d_conversions', 'purchase', '7d_click'), ('click_7d_value_amount', 'purchase_value', '7d_click'),
            ('click_28d_conversions', 'purchase', '28d_click'),
        ) -%}
        cast(coalesce({{ amount(figure ~ '.' ~ adapter.quote(window)) }}, 0) as decimal(18, 6)) as {{ column }},
        {% endfor -%}
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from chosen
)

{{ staged_days('renamed', 'report_date') }}
