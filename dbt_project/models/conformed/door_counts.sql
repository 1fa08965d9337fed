{{ config(materialized='view') }}

{{ conformed('door_counts') }}
