{{ config(materialized='view') }}

{{ conformed('calls') }}
