{{ config(materialized='view') }}

{{ conformed('survey_responses') }}
