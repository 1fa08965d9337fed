{{ config(materialized='view') }}

{{ conformed('ad_campaigns') }}
