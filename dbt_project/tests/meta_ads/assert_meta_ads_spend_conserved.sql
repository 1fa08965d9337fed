-- Per account, what was staged of a day stands in the contract: days of campaigns, cost, clicks and claims.
{{ conserved_spend('base_meta_ads__campaign_insights', 'meta_ads') }}
