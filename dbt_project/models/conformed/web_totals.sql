{{ config(materialized='view') }}

{{ conformed('web_totals') }}
