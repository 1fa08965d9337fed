{{ config(materialized='view') }}

{{ conformed('campaign_members') }}
