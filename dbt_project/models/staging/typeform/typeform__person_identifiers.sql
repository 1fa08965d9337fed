{{ config(materialized='view') }}

with

responses as (
    select * from {{ ref('base_typeform__responses') }}
)

{{ sightings('responses', 'survey_response', 'typeform_response_id', 'submitted_at', {
    'email': 'email', 'phone': 'phone',
}) }}
union all
-- An order, or an account, of some shop.
{{ sightings('responses', 'survey_response', 'typeform_response_id', 'submitted_at', {
    'order_name': 'order_name', 'customer_id': 'customer_id',
}, id_connection=none) }}
