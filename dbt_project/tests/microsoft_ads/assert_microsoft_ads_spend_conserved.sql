-- Per account, days of campaigns, clicks, money and claims in the contract are those that were staged and can be read.
{{ conserved_spend('base_microsoft_ads__campaign_performance', 'microsoft_ads') }}
