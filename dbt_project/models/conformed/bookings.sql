{{ config(materialized='view') }}

{{ conformed('bookings') }}
