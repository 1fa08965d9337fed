{{ config(materialized='view') }}

{{ conformed('opening_hours') }}
