{{ config(materialized='view') }}

{{ conformed('survey_invitations') }}
