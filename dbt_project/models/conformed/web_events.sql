{{ config(materialized='view') }}

{{ conformed('web_events') }}
