{{ config(materialized='view') }}

{{ conformed('restated_days') }}
