{{ config(materialized='table') }}

{%- set columns = [
    'table_name', 'connection', 'location_id', 'store_id', 'valid_from', 'valid_before', 'currency_code',
    'rate_to_reporting', 'priority', 'source_category', 'source_pattern', 'medium_pattern', 'campaign_pattern', 'channel',
    'touch_type', 'identifier_type', 'identifier_value', 'field', 'pattern', 'reason', 'note', 'record_key_a',
    'record_key_b', 'decided_by', 'decided_on', 'meaning', 'survey_id', 'question_id', 'question_kind',
] %}
{%- set shape = {} %}
{%- for column in columns %}
{%- do shape.update({column: 'text'}) %}
{%- endfor %}

with

landed as (
    {{ newest_load('o2o', 'company_rows') }}
),

parsed as (
    select
        _key as company_row_id,
        {{ json_record('_payload', shape) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    company_row_id,
    {%- for column in columns %}
    payload.{{ column }} as {{ column }},
    {%- endfor %}
    _load_id,
    _extracted_at
from parsed
