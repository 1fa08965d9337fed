{{ config(materialized='view') }}

{{ conformed('fulfilments') }}
