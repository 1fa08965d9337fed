{{ config(materialized='view') }}

{{ conformed('app_events') }}
