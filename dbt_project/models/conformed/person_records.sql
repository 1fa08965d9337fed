{{ config(materialized='view') }}

{{ conformed('person_records') }}
