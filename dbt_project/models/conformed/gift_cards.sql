{{ config(materialized='view') }}

{{ conformed('gift_cards') }}
