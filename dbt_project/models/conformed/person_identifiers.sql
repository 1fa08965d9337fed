{{ config(materialized='view') }}

{{ conformed('person_identifiers') }}
