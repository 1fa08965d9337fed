{{ config(materialized='view') }}

{{ conformed('consents') }}
