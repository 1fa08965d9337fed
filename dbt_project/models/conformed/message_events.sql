{{ config(materialized='view') }}

{{ conformed('message_events') }}
