{{ config(materialized='view') }}

with

recipients as (
    select * from {{ staged('stg_surveymonkey__recipients') }}
),

-- Whoever was asked by e-mail or SMS is one record, whether they answer or not.
responses as (
    select
        *,
        case when surveymonkey_recipient_id is null then surveymonkey_response_id end as response_record_id
    from {{ ref('base_surveymonkey__responses') }}
)

{{ sightings('recipients', 'survey_recipient', 'surveymonkey_recipient_id', 'sent_at', {
    'email': 'email', 'phone': 'phone',
}) }}
{%- for kind, id in {
    'survey_recipient': 'surveymonkey_recipient_id', 'survey_response': 'response_record_id',
}.items() %}
union all
{{ sightings('responses', kind, id, 'updated_at', {'email': 'email', 'phone': 'phone'}) }}
union all
-- An order, or an account, of some shop.
{{ sightings('responses', kind, id, 'updated_at', {
    'order_name': 'order_name', 'customer_id': 'customer_id',
}, id_connection=none) }}
{%- endfor %}
