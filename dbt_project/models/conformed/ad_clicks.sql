{{ config(materialized='view') }}

{{ conformed('ad_clicks') }}
