with

events as (
    select * from {{ ref('web_events') }}
),

campaigns as (
    select * from {{ ref('int_campaigns__all') }}
),

click_ids as (
    select * from {{ ref('click_ids') }}
),

channel_rules as (
    {{ with_company('channel_rules', {
        'priority': 'integer', 'source_category': 'string', 'source_pattern': 'string', 'medium_pattern': 'string',
        'campaign_pattern': 'string', 'channel': 'string', 'touch_type': 'string',
    }) }}
),

source_categories as (
    {{ with_company('source_categories', {'source_pattern': 'string', 'source_category': 'string'}) }}
),

referral_exclusions as (
    {{ with_company('referral_exclusions', {'source_pattern': 'string', 'reason': 'string'}) }}
),

excluded_traffic as (
    {{ with_company('excluded_traffic', {'field': 'string', 'pattern': 'string', 'reason': 'string'}) }}
),

-- What links say is judged once per kind of traffic, not per event. Of each connection there is one that says nothing.
kinds as (
    select distinct
        connection,
        nullif(source, '') as source,
        nullif(medium, '') as medium,
        nullif(campaign_id, '') as campaign_id,
        nullif(campaign_name, '') as campaign_name,
        nullif(click_id_kind, '') as click_id_kind
    from events
    union
    select distinct
        connection,
        {{ as_text('null') }} as source,
        {{ as_text('null') }} as medium,
        {{ as_text('null') }} as campaign_id,
        {{ as_text('null') }} as campaign_name,
        {{ as_text('null') }} as click_id_kind
    from events
),

said as (
    select
        {{ traffic_id('kinds') }} as traffic_id,
        kinds.connection,
        {{ traffic_word('kinds.source') }} as source,
        {{ traffic_word('kinds.medium') }} as medium,
        {{ traffic_word('kinds.campaign_id') }} as campaign_id,
        {{ traffic_word('kinds.campaign_name') }} as campaign_name,
        kinds.click_id_kind,
        click_ids.source as click_source,
        click_ids.medium as click_medium,
        nullif(click_ids.platform, 'none') as click_platform
    from kinds
    left join click_ids
        on kinds.click_id_kind = click_ids.click_id_kind
),

-- Links are copied from one platform to another, with the parameters of the first.
foreign_clicks as (
    select distinct said.traffic_id
    from said
    inner join click_ids
        on said.source = click_ids.source
    where said.source <> said.click_source
),

-- The link's own words, and those that its click id stands for.
words as (
    select
        coalesce(source, '') as source,
        coalesce(medium, '') as medium,
        coalesce(campaign_name, '') as campaign_name
    from said
    union
    select
        click_source as source,
        click_medium as medium,
        coalesce(campaign_name, '') as campaign_name
    from said
    where click_source is not null
),

-- A source may be of several categories, and is of any.
categorised as (
    select distinct
        words.source,
        source_categories.source_category
    from (select distinct source from words) as words
    inner join source_categories
        on {{ matches('words.source', 'source_categories.source_pattern') }}
    union all
    select distinct
        source,
        'any' as source_category
    from words
),

matching_rules as (
    select
        words.source,
        words.medium,
        words.campaign_name,
        channel_rules.channel,
        channel_rules.touch_type,
        row_number() over (
            partition by words.source, words.medium, words.campaign_name
            order by channel_rules.priority, channel_rules.channel
        ) as place
    from words
    inner join categorised
        on words.source = categorised.source
    inner join channel_rules
        on
            categorised.source_category = coalesce(channel_rules.source_category, 'any')
            and {{ obeys('words.medium', 'channel_rules.medium_pattern') }}
            and {{ obeys('words.source', 'channel_rules.source_pattern') }}
            and {{ obeys('words.campaign_name', 'channel_rules.campaign_pattern') }}
),

channels as (
    select * from matching_rules
    where place = 1
),

-- A click id tells who sent the visitor where the link's words say nothing, and that it was an advertisement where
-- they do not: analytics calls a click organic if it is not linked to the platform.
grouped as (
    select
        said.traffic_id,
        said.connection,
        said.source,
        said.medium,
        said.campaign_id,
        said.campaign_name,
        said.click_id_kind,
        case when foreign_clicks.traffic_id is null then said.click_platform end as click_platform,
        case
            when
                coalesce(said.source, said.medium) is null
                or (by_click.touch_type = 'paid_click' and by_words.touch_type <> 'paid_click')
                then coalesce(by_click.channel, by_words.channel)
            else by_words.channel
        end as channel,
        case
            when
                coalesce(said.source, said.medium) is null
                or (by_click.touch_type = 'paid_click' and by_words.touch_type <> 'paid_click')
                then coalesce(by_click.touch_type, by_words.touch_type)
            else by_words.touch_type
        end as touch_type
    from said
    inner join channels as by_words
        on
            coalesce(said.source, '') = by_words.source
            and coalesce(said.medium, '') = by_words.medium
            and coalesce(said.campaign_name, '') = by_words.campaign_name
    left join channels as by_click
        on
            said.click_source = by_click.source
            and said.click_medium = by_click.medium
            and coalesce(said.campaign_name, '') = by_click.campaign_name
    left join foreign_clicks
        on said.traffic_id = foreign_clicks.traffic_id
),

-- A link says neither account nor, without a click id, platform. By the id, then by the name; what is only called
-- like a campaign is one only where an advertisement was clicked, for a newsletter may be called alike.
named as (
    select
        traffic_id,
        click_platform,
        campaign_id as written,
        'id' as matched_by,
        1 as place
    from grouped
    where campaign_id is not null
    union all
    select
        traffic_id,
        click_platform,
        campaign_name as written,
        'id' as matched_by,
        2 as place
    from grouped
    where campaign_name is not null and touch_type = 'paid_click'
    union all
    select
        traffic_id,
        click_platform,
        {{ one_space('campaign_name') }} as written,
        'name' as matched_by,
        3 as place
    from grouped
    where campaign_name is not null and touch_type = 'paid_click'
),

called as (
    select
        campaign_id,
        platform,
        lower(platform_campaign_id) as written,
        'id' as matched_by
    from campaigns
    union all
    select
        campaign_id,
        platform,
        {{ one_space('lower(trim(campaign_name))') }} as written,
        'name' as matched_by
    from campaigns
    where campaign_name is not null
),

matched as (
    select
        named.traffic_id,
        named.place,
        named.matched_by,
        min(called.campaign_id) as campaign_id,
        count(*) as campaign_count
    from named
    inner join called
        on
            named.written = called.written
            and named.matched_by = called.matched_by
    where named.click_platform is null or named.click_platform = called.platform
    group by named.traffic_id, named.place, named.matched_by
),

-- The first way that leads to one campaign; else what leads to several is ambiguous.
ranked as (
    select
        *,
        row_number() over (
            partition by traffic_id
            order by case when campaign_count = 1 then 0 else 1 end, place
        ) as choice
    from matched
),

chosen as (
    select
        traffic_id,
        case when campaign_count = 1 then campaign_id end as campaign_id,
        case when campaign_count = 1 then matched_by else 'ambiguous' end as matched_by
    from ranked
    where choice = 1
),

-- Patterns are tried once per word.
marks as (
    select distinct
        'source' as field,
        source as mark
    from grouped
    union all
    select distinct
        'medium' as field,
        medium as mark
    from grouped
),

excluded_marks as (
    {{ excluded_marks('marks.mark') }}
),

excluded_sources as (
    select * from excluded_marks
    where field = 'source'
),

excluded_mediums as (
    select * from excluded_marks
    where field = 'medium'
),

-- Who comes back from paying, or from a page of one's own, was not sent by it.
own_hosts as (
    select distinct
        connection,
        {{ bare_host('host') }} as host
    from events
    where host is not null
),

referrers as (
    select distinct
        connection,
        source
    from grouped
    where medium = 'referral'
),

passing as (
    select
        referrers.source,
        min(referral_exclusions.reason) as reason
    from (select distinct source from referrers) as referrers
    inner join referral_exclusions
        on {{ matches('referrers.source', 'referral_exclusions.source_pattern') }}
    group by referrers.source
),

own_passing as (
    select
        referrers.connection,
        referrers.source
    from referrers
    inner join own_hosts
        on
            referrers.connection = own_hosts.connection
            and {{ bare_host('referrers.source') }} = own_hosts.host
)

select
    grouped.traffic_id,
    grouped.connection,
    grouped.source,
    grouped.medium,
    grouped.click_id_kind,
    coalesce(campaigns.channel, grouped.channel) as channel,
    case when campaigns.campaign_id is not null then 'paid_click' else grouped.touch_type end as touch_type,
    coalesce(campaigns.platform, case when grouped.touch_type = 'paid_click' then grouped.click_platform end)
        as platform,
    campaigns.campaign_id,
    coalesce(chosen.matched_by, case when grouped.touch_type = 'paid_click' then 'unknown' end) as campaign_matched_by,
    case
        when grouped.medium = 'referral'
            then coalesce(passing.reason, case when own_passing.source is not null then 'own_page' end)
    end as passed_through_reason,
    coalesce(excluded_sources.reason, excluded_mediums.reason) as excluded_reason
from grouped
left join chosen
    on grouped.traffic_id = chosen.traffic_id
left join campaigns
    on chosen.campaign_id = campaigns.campaign_id
left join passing
    on grouped.source = passing.source
left join own_passing
    on
        grouped.connection = own_passing.connection
        and grouped.source = own_passing.source
left join excluded_sources
    on grouped.source = excluded_sources.mark
left join excluded_mediums
    on grouped.medium = excluded_mediums.mark
