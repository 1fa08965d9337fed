-- The demo world in two DuckDB files. world.duckdb holds only what the retailer's systems know, and
-- is what the simulated APIs serve. truth.duckdb (second part, below the line "-- truth") holds who
-- is who and what caused what; it is the oracle for accuracy and no API ever reads it.
--
-- Conventions
--   * Times are UTC TIMESTAMPs (microseconds). Dates say in whose time zone they are.
--   * Money is BIGINT in minor units of the row's currency (JPY has none: exponent 0). Prices are
--     net; tax comes on top in every country.
--   * No person id occurs in world.duckdb: its ids are scrambled and mean nothing outside.
--
-- The state as of a clock
--   Whatever changes later has a timestamp column of its own, and rows exist before their time: a
--   table holds the future too. One rule gives the state as of a clock T: a row exists once
--   visible_at (or else created_at) <= T; a change has happened once its timestamp is <= T; and
--   updated_at = the greatest of those timestamps that are <= T. The macros <table>_as_of(clock) at
--   the end of each part apply it: read entities through them. Plain tables without a macro are
--   facts: filter them on the column that their comment names.
--   (DuckDB resolves a macro's table names in the current database: open world.duckdb itself, or
--   USE it, rather than addressing an attached copy.)

-- world

CREATE TABLE world_info (            -- one row: how this world was made
    start_date DATE NOT NULL,
    days INTEGER NOT NULL,           -- the first clock is start_date + days, 00:00 UTC
    extra_days INTEGER NOT NULL,     -- further days that later clocks bring into sight
    population INTEGER NOT NULL,
    shop_count INTEGER NOT NULL,
    seed BIGINT NOT NULL,
    noise VARCHAR NOT NULL,          -- how badly records describe people: none | usual | high | worst
    platforms VARCHAR NOT NULL       -- that the company advertises on, separated by semicolons
);

CREATE TABLE currencies (            -- the web shop's currencies, fixed rates for the whole run
    currency_code VARCHAR PRIMARY KEY,
    exponent TINYINT NOT NULL,       -- ISO 4217: minor unit = 10^-exponent
    eur_per_unit DOUBLE NOT NULL     -- shop (EUR) minor = round(minor / 10^exponent * rate * 100)
);

CREATE TABLE shops (
    shop_no INTEGER PRIMARY KEY,
    store_code VARCHAR NOT NULL UNIQUE,      -- S001…: the code that every system's name carries
    name VARCHAR NOT NULL,
    former_name VARCHAR,                     -- what it was called until renamed_at
    renamed_at TIMESTAMP,
    street VARCHAR NOT NULL,
    city VARCHAR NOT NULL,
    postal_code VARCHAR NOT NULL,
    region_code VARCHAR NOT NULL,            -- ISO 3166-2 style, e.g. DE-BY
    country_code VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL,              -- IANA
    currency_code VARCHAR NOT NULL,
    latitude DOUBLE NOT NULL,
    longitude DOUBLE NOT NULL,
    open_minute INTEGER NOT NULL,            -- minutes after local midnight
    close_minute INTEGER NOT NULL,
    is_open_sunday BOOLEAN NOT NULL,
    square_location_id VARCHAR NOT NULL UNIQUE,
    shopify_location_no BIGINT NOT NULL UNIQUE,
    counter_serial VARCHAR NOT NULL UNIQUE,
    beacon_id VARCHAR NOT NULL UNIQUE
);

CREATE TABLE products (
    product_no INTEGER PRIMARY KEY,
    sku VARCHAR NOT NULL UNIQUE,
    title VARCHAR NOT NULL,
    variant_title VARCHAR,                   -- what tells it from its product's others; NULL: one only
    category VARCHAR NOT NULL,
    barcode VARCHAR NOT NULL,                -- GTIN-13
    price_minor_eur BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,           -- most before the world's start
    retired_at TIMESTAMP                     -- no longer sold from then on
);

CREATE TABLE product_prices (                -- filter updated_at
    product_no INTEGER NOT NULL,
    currency_code VARCHAR NOT NULL,
    price_minor BIGINT NOT NULL,             -- on the web
    till_price_minor BIGINT NOT NULL,        -- at the tills of that currency; a few differ
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE stock_moves (                   -- filter moved_at, when the server knew
    product_no INTEGER NOT NULL,
    shop_no INTEGER NOT NULL,                -- what is sent leaves the first of the buyer's region
    moved_at TIMESTAMP NOT NULL,
    quantity BIGINT NOT NULL,                -- negative: it leaves
    reason VARCHAR NOT NULL                  -- opening | delivery | sale | return
);

-- Web shop (Shopify) ---------------------------------------------------------------------------

CREATE TABLE web_customers (
    customer_no BIGINT NOT NULL,             -- the number in gid://shopify/Customer/<n>
    email VARCHAR,
    former_email VARCHAR,                    -- the address until email_changed_at
    email_changed_at TIMESTAMP,
    phone VARCHAR,                           -- E.164; a family may share one
    first_name VARCHAR,
    last_name VARCHAR,
    country_code VARCHAR NOT NULL,
    street VARCHAR,                          -- where the customer lived when the account was made
    city VARCHAR,
    postal_code VARCHAR,
    email_marketing_state VARCHAR NOT NULL,  -- SUBSCRIBED | NOT_SUBSCRIBED at creation
    created_at TIMESTAMP NOT NULL,
    unsubscribed_at TIMESTAMP                -- from then on UNSUBSCRIBED
);

CREATE TABLE web_orders (                    -- as placed: total = subtotal - discount + shipping + tax
    order_no BIGINT NOT NULL,                -- the number in gid://shopify/Order/<n>
    order_name VARCHAR NOT NULL,             -- what the customer, the CRM and the web events call it
    customer_no BIGINT,                      -- NULL: guest checkout
    email VARCHAR,
    phone VARCHAR,                           -- of the recipient on a gift order
    buyer_first_name VARCHAR,                -- on the bill; NULL where none was written
    buyer_last_name VARCHAR,
    recipient_first_name VARCHAR,            -- on the parcel: on a gift not the buyer's; NULL: none
    recipient_last_name VARCHAR,             -- is sent, of a gift card alone or a sale at a till
    country_code VARCHAR NOT NULL,           -- ship-to country
    region_code VARCHAR NOT NULL,            -- and region, ISO 3166-2 style
    created_at TIMESTAMP NOT NULL,
    cancelled_at TIMESTAMP,                  -- comes with a full refund at the same moment
    fulfilled_at TIMESTAMP,                  -- shipped (home delivery), NULL for BOPIS
    voided_at TIMESTAMP,                     -- the payment, which was only authorised before
    edited_at TIMESTAMP,                     -- the last line taken off; paid then, and not before
    removed_minor BIGINT NOT NULL,           -- what that line cost, 0 without an edit
    shop_removed_minor BIGINT NOT NULL,
    currency_code VARCHAR NOT NULL,          -- presentment currency: all plain *_minor columns
    shop_currency_code VARCHAR NOT NULL,     -- EUR
    subtotal_minor BIGINT NOT NULL,          -- sum of quantity * unit price
    discount_minor BIGINT NOT NULL,          -- sum of the lines' discounts
    shipping_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,               -- sum of the lines' taxes
    total_minor BIGINT NOT NULL,
    shop_total_minor BIGINT NOT NULL,        -- total in EUR cents
    discount_code VARCHAR,
    is_bopis BOOLEAN NOT NULL,               -- bought online, picked up in a shop: never a till order too
    pickup_shop_no INTEGER,
    first_pickup_shop_no INTEGER,            -- of a pick-up that was cancelled for another way
    sold_shop_no INTEGER,                    -- at a till of the web shop's system, NULL: on the web
    ready_at TIMESTAMP,                      -- BOPIS: ready for pick-up
    picked_up_at TIMESTAMP,                  -- BOPIS: handed over (NULL: cancelled before)
    promised_at TIMESTAMP,                   -- to be ready, or delivered, by then; NULL: nothing was said
    delivered_at TIMESTAMP,                  -- home delivery
    ga_client_id VARCHAR,                    -- NULL without analytics consent, or forgotten
    utm_source VARCHAR,                      -- of the session that bought; NULL without consent
    utm_medium VARCHAR,
    utm_campaign VARCHAR
);

CREATE TABLE web_order_lines (
    order_no BIGINT NOT NULL,
    line_no INTEGER NOT NULL,                -- from 1
    product_no INTEGER NOT NULL,             -- 0: a gift card
    sku VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,          -- of the whole line
    tax_minor BIGINT NOT NULL,               -- of the whole line
    is_gift_card BOOLEAN NOT NULL
);

CREATE TABLE web_refunds (                   -- a refund moves its order's updated_at
    refund_no BIGINT NOT NULL,
    order_no BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    amount_minor BIGINT NOT NULL,
    shop_amount_minor BIGINT NOT NULL,
    shop_no INTEGER,                         -- where the goods came back, NULL: by post
    note VARCHAR
);

-- Gift cards and coupons, which web shop and tills share -----------------------------------------

CREATE TABLE gift_cards (
    gift_card_no BIGINT NOT NULL,
    code_last4 VARCHAR NOT NULL,
    currency_code VARCHAR NOT NULL,
    initial_minor BIGINT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    web_order_no BIGINT,                     -- the order that sold it; both NULL: sold before the
    till_order_id VARCHAR,                   -- world's start
    shop_no INTEGER,                         -- that sold it, NULL: on the web
    expires_on DATE                          -- NULL: never
);

CREATE TABLE gift_card_uses (                -- filter used_at
    gift_card_no BIGINT NOT NULL,
    till_order_id VARCHAR NOT NULL,          -- what it paid, whole
    used_at TIMESTAMP NOT NULL,              -- when the server knew
    amount_minor BIGINT NOT NULL
);

CREATE TABLE coupons (
    coupon_no INTEGER NOT NULL,
    code VARCHAR,                            -- for everybody; NULL: each customer has one of their own
    title VARCHAR NOT NULL,
    percent INTEGER NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP,
    usage_limit BIGINT                       -- of each code, NULL: none
);

CREATE TABLE coupon_codes (                  -- each good for one order of its customer's
    coupon_no INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    customer_no BIGINT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);

-- CRM (HubSpot) --------------------------------------------------------------------------------

CREATE TABLE crm_contacts (
    contact_no BIGINT NOT NULL,
    email VARCHAR,
    additional_emails VARCHAR,               -- further addresses, separated by semicolons
    phone VARCHAR,                           -- free text
    first_name VARCHAR,
    last_name VARCHAR,
    birth_date VARCHAR,                      -- free text, so 1984-25-03 occurs
    street VARCHAR,
    city VARCHAR,
    postal_code VARCHAR,
    lifecycle_stage VARCHAR NOT NULL,        -- at creation; see became_customer_at
    email_opt_in BOOLEAN NOT NULL,           -- at creation; see opted_out_at
    loyalty_card_no VARCHAR,                 -- as typed: some with blanks
    created_at TIMESTAMP NOT NULL,
    became_customer_at TIMESTAMP,            -- from then on lifecycle_stage = customer
    opted_out_at TIMESTAMP,                  -- from then on email_opt_in = false
    archived_at TIMESTAMP,                   -- gone from search, listed under archived
    merged_into_contact_no BIGINT            -- set: archived by a merge, which also touches the survivor
);

CREATE TABLE crm_deals (                     -- one per order on the web, same amount, synced minutes later
    deal_no BIGINT NOT NULL,
    contact_no BIGINT,                       -- NULL: guest that the CRM does not know; rarely that of
                                             -- the assistant who served them
    order_name VARCHAR NOT NULL,             -- rarely mistyped: another order, or none
    amount_minor BIGINT NOT NULL,
    currency_code VARCHAR NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    amended_at TIMESTAMP,                    -- the order was edited: from then on …
    amended_minor BIGINT,                    -- … this amount
    lost_at TIMESTAMP                        -- the order was cancelled or voided: closedwon -> closedlost
);

CREATE TABLE crm_leads (                     -- people who asked for something, not yet contacts
    lead_no BIGINT NOT NULL,
    contact_no BIGINT,                       -- what it became at converted_at
    email VARCHAR,
    phone VARCHAR,                           -- E.164
    first_name VARCHAR,
    last_name VARCHAR,
    source VARCHAR NOT NULL,                 -- web | store | phone | event
    shop_no INTEGER NOT NULL,                -- the shop that looks after it
    created_at TIMESTAMP NOT NULL,
    qualified_at TIMESTAMP,
    converted_at TIMESTAMP,
    lost_at TIMESTAMP                        -- never both converted and lost
);

CREATE TABLE crm_opportunities (             -- what a sales person works on: outfits, company orders
    opportunity_no BIGINT NOT NULL,
    lead_no BIGINT,                          -- that it came from, NULL: of a known contact
    contact_no BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency_code VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,                     -- NULL: still open at the world's end
    is_won BOOLEAN NOT NULL,
    order_name VARCHAR                       -- of the web order that it became, with the same amount;
                                             -- crm_deals has that order, too
);

CREATE TABLE crm_campaigns (                 -- the CRM's own: letters and evenings, not ads
    campaign_no BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,                   -- email | event | phone
    start_date DATE NOT NULL,
    end_date DATE NOT NULL
);

CREATE TABLE crm_campaign_members (          -- either a contact or a lead
    campaign_no BIGINT NOT NULL,
    contact_no BIGINT,
    lead_no BIGINT,
    status VARCHAR NOT NULL,                 -- in the end: sent | responded; sent until responded_at
    added_at TIMESTAMP NOT NULL,
    responded_at TIMESTAMP
);

-- Tills (Square) -------------------------------------------------------------------------------

CREATE TABLE staff (
    staff_no INTEGER NOT NULL,
    shop_no INTEGER NOT NULL,
    given_name VARCHAR NOT NULL,
    family_name VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    role VARCHAR NOT NULL,                   -- manager | assistant
    hired_at TIMESTAMP NOT NULL,
    left_at TIMESTAMP
);

CREATE TABLE till_devices (                  -- filter added_at
    device_no INTEGER NOT NULL,
    shop_no INTEGER NOT NULL,
    name VARCHAR NOT NULL,                   -- till_orders.device_name
    kind VARCHAR NOT NULL,                   -- register | handheld | kiosk
    added_at TIMESTAMP NOT NULL
);

CREATE TABLE till_customers (
    square_customer_id VARCHAR NOT NULL,
    email VARCHAR,
    phone VARCHAR,                           -- sometimes the till's default number, or no E.164
    given_name VARCHAR,
    family_name VARCHAR,
    birth_date VARCHAR,                      -- YYYY-MM-DD, or 0000-MM-DD where the year is not told
    street VARCHAR,
    city VARCHAR,
    postal_code VARCHAR,
    country_code VARCHAR NOT NULL,           -- of the address
    created_at TIMESTAMP NOT NULL,
    loyalty_card_no VARCHAR,                 -- served as reference_id from card_linked_at on; also
                                             -- what is typed where there is no card: n/a, VIP
    card_linked_at TIMESTAMP
);

CREATE TABLE loyalty_accounts (
    loyalty_account_id VARCHAR NOT NULL,
    square_customer_id VARCHAR NOT NULL,
    card_no VARCHAR NOT NULL,                -- rarely recycled: then two accounts carry the number
    phone VARCHAR,
    enrolled_at TIMESTAMP NOT NULL,
    opening_points BIGINT NOT NULL           -- balance and lifetime points at the world's start
);

CREATE TABLE loyalty_points (                -- the ledger behind balance; filter earned_at
    loyalty_account_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,                   -- earn | redeem | expire
    order_id VARCHAR,                        -- that earned them or was paid with them; NULL: expire
    earned_at TIMESTAMP NOT NULL,            -- or when they were redeemed or expired
    points BIGINT NOT NULL                   -- negative: they are gone
);

CREATE TABLE till_orders (                   -- total = subtotal - discount + tax + tip
    order_id VARCHAR NOT NULL,
    shop_no INTEGER NOT NULL,
    square_customer_id VARCHAR,              -- NULL: anonymous sale; some on a shop's walk-in profile
    created_at TIMESTAMP NOT NULL,           -- device time
    closed_at TIMESTAMP NOT NULL,            -- device time
    visible_at TIMESTAMP NOT NULL,           -- server time = updated_at; offline tills: up to 72 h later
    currency_code VARCHAR NOT NULL,
    subtotal_minor BIGINT NOT NULL,          -- a return's amounts are positive: money going back
    discount_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    tip_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    due_minor BIGINT NOT NULL,               -- still to be paid: nothing, or all of it
    coupon_code VARCHAR,
    source_name VARCHAR NOT NULL,            -- Square Point of Sale | Square Kiosk
    device_name VARCHAR NOT NULL,
    device_no INTEGER NOT NULL,
    staff_no INTEGER,                        -- who served; NULL at a kiosk
    state VARCHAR NOT NULL,                  -- COMPLETED | OPEN | DRAFT | CANCELED
    is_return BOOLEAN NOT NULL,              -- goods handed back …
    return_of_order_id VARCHAR               -- … of this order; NULL: nobody had the receipt
);

CREATE TABLE till_order_lines (              -- of a return: the lines handed back
    order_id VARCHAR NOT NULL,
    line_no INTEGER NOT NULL,
    product_no INTEGER NOT NULL,             -- 0: a gift card
    sku VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    is_gift_card BOOLEAN NOT NULL
);

CREATE TABLE payments (                      -- one per sale, amount + tip = its total; else none
    payment_id VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    shop_no INTEGER NOT NULL,
    square_customer_id VARCHAR,
    amount_minor BIGINT NOT NULL,            -- without the tip
    tip_minor BIGINT NOT NULL,
    currency_code VARCHAR NOT NULL,
    source_type VARCHAR NOT NULL,            -- CARD | CASH
    card_brand VARCHAR,                      -- SQUARE_GIFT_CARD: not all have a number and fingerprint
    card_last4 VARCHAR,
    card_fingerprint VARCHAR,
    status VARCHAR NOT NULL,                 -- COMPLETED
    created_at TIMESTAMP NOT NULL,
    visible_at TIMESTAMP NOT NULL
);

CREATE TABLE bookings (                      -- appointments; whoever comes is in truth.visits, too
    booking_id VARCHAR NOT NULL,
    shop_no INTEGER NOT NULL,
    square_customer_id VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    accepted_at TIMESTAMP NOT NULL,          -- until then PENDING
    start_at TIMESTAMP NOT NULL,
    duration_minutes INTEGER NOT NULL,
    source VARCHAR NOT NULL,                 -- FIRST_PARTY_BUYER (web) | FIRST_PARTY_MERCHANT (telephone)
    cancelled_at TIMESTAMP,                  -- from then on cancelled_status
    cancelled_status VARCHAR,                -- CANCELLED_BY_CUSTOMER | CANCELLED_BY_SELLER
    no_show_at TIMESTAMP                     -- from then on NO_SHOW
);

CREATE TABLE till_refunds (                  -- one per return, amount = the return's total
    refund_id VARCHAR NOT NULL,
    payment_id VARCHAR,                      -- of the original sale; moves that payment's updated_at
    order_id VARCHAR NOT NULL,               -- the return order
    shop_no INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency_code VARCHAR NOT NULL,
    reason VARCHAR,
    created_at TIMESTAMP NOT NULL            -- = updated_at: a refund never changes again
);

-- Web analytics (GA4) --------------------------------------------------------------------------

CREATE TABLE web_events (                    -- filter visible_at: ~2% of a day arrive up to 3 days late
    event_date DATE NOT NULL,                -- property zone Europe/Berlin
    event_ts_us BIGINT NOT NULL,             -- microseconds since the epoch
    event_name VARCHAR NOT NULL,             -- session_start page_view view_item add_to_cart
                                             -- begin_checkout purchase generate_lead login; in the app
                                             -- session_start screen_view offer_shown offer_used
                                             -- order_ahead check_in ar_view virtual_try_on
    platform VARCHAR NOT NULL,               -- WEB | ANDROID | IOS
    user_pseudo_id VARCHAR,                  -- NULL: no analytics consent (cookieless ping)
    user_id VARCHAR,                         -- customer_no as text, when logged in; undefined, 0, null
    ga_session_id BIGINT,
    ga_session_number INTEGER,
    page_location VARCHAR,                   -- NULL in the app
    source VARCHAR,                          -- NULL: direct, or not consented
    medium VARCHAR,
    campaign_id VARCHAR,                     -- campaign_no as text, on paid clicks (utm_id)
    campaign_name VARCHAR,
    click_id VARCHAR,                        -- only with consent for ads; all but a gclid stand in
    click_id_kind VARCHAR,                   -- page_location: gclid | fbclid | ttclid | msclkid
    traffic_type VARCHAR,                    -- internal: the company's own staff; NULL: visitors
    device_category VARCHAR NOT NULL,
    browser VARCHAR,                         -- of robots only
    country VARCHAR NOT NULL,
    city VARCHAR,
    transaction_id VARCHAR,                  -- order_name, on purchase and order_ahead
    item_id VARCHAR,                         -- offer, or sku looked at; in the app
    store_code VARCHAR,                      -- shop that it is about; in the app
    value_minor BIGINT,                      -- order total, on purchase
    currency_code VARCHAR,
    consent_analytics BOOLEAN NOT NULL,
    consent_ads BOOLEAN NOT NULL,
    batch_event_index INTEGER NOT NULL,
    visible_at TIMESTAMP NOT NULL
);

-- Advertising platforms ------------------------------------------------------------------------
-- One account on each platform that the company advertises on. Money is in its currency, dates are
-- in its time zone.

CREATE TABLE ad_accounts (
    platform VARCHAR PRIMARY KEY,            -- google_ads | meta_ads | tiktok_ads | microsoft_ads
    account_no BIGINT NOT NULL,
    account_name VARCHAR NOT NULL,
    currency_code VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL               -- IANA
);

CREATE TABLE campaigns (
    campaign_no BIGINT PRIMARY KEY,
    platform VARCHAR NOT NULL,
    account_no BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    channel_type VARCHAR NOT NULL,           -- SEARCH | SHOPPING | DISPLAY | VIDEO | SOCIAL
    status VARCHAR NOT NULL,                 -- before removed_on; ENABLED
    start_date DATE NOT NULL,
    end_date DATE,
    removed_on DATE,                         -- from then on (account zone) REMOVED
    daily_budget_micros BIGINT NOT NULL,
    utm_campaign VARCHAR NOT NULL
);

CREATE TABLE ad_daily (                      -- served from the day's first hour + 1 day on
    campaign_no BIGINT NOT NULL,
    date DATE NOT NULL,                      -- account zone
    impressions BIGINT NOT NULL,
    clicks BIGINT NOT NULL,
    cost_micros_initial BIGINT NOT NULL,     -- until settled_on …
    cost_micros_final BIGINT NOT NULL,       -- … and from settled_on on
    conversions_initial DOUBLE NOT NULL,     -- what the platform claims (more than it caused)
    conversions_final DOUBLE NOT NULL,
    conversions_value_initial DOUBLE NOT NULL, -- account currency
    conversions_value_final DOUBLE NOT NULL,
    view_conversions_initial DOUBLE NOT NULL, -- of the conversions, those after a view alone
    view_conversions_final DOUBLE NOT NULL,
    settled_on DATE NOT NULL                 -- 2 to 28 days after date
);

CREATE TABLE ad_clicks (                     -- filter clicked_at
    click_id VARCHAR NOT NULL,
    platform VARCHAR NOT NULL,
    campaign_no BIGINT NOT NULL,
    clicked_at TIMESTAMP NOT NULL,
    date DATE NOT NULL,                      -- account zone
    region_code VARCHAR NOT NULL,
    device VARCHAR NOT NULL                  -- MOBILE | DESKTOP
);

CREATE TABLE experiments (                   -- what the company itself planned: a row per resting region
    experiment_id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,                -- the warehouse's: paid_search | paid_social | … | email
    region_code VARCHAR NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL                   -- inclusive
);

-- Store sensors --------------------------------------------------------------------------------

CREATE TABLE pings (                         -- filter received_at (server time)
    ping_id VARCHAR NOT NULL,
    device_id VARCHAR NOT NULL,
    user_id VARCHAR,                         -- customer_no as text when logged in to the app
    shop_no INTEGER NOT NULL,
    signal VARCHAR NOT NULL,                 -- beacon | wifi | nfc | app_location
    beacon_id VARCHAR NOT NULL,
    observed_at TIMESTAMP NOT NULL,          -- device time
    received_at TIMESTAMP NOT NULL,
    rssi INTEGER,                            -- dBm; passers-by are weak; a tap or position has none
    accuracy_m DOUBLE NOT NULL,
    latitude DOUBLE NOT NULL,
    longitude DOUBLE NOT NULL,
    event_type VARCHAR NOT NULL              -- user.entered_beacon | user.dwelled_in_beacon | user.exited_beacon, or …_geofence
);

CREATE TABLE door_counts (                   -- filter updated_at; hourly, closed hours are zero
    counter_serial VARCHAR NOT NULL,
    shop_no INTEGER NOT NULL,
    interval_start TIMESTAMP NOT NULL,
    interval_end TIMESTAMP NOT NULL,
    in_count INTEGER NOT NULL,               -- includes staff and passers-by
    out_count INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Surveys ---------------------------------------------------------------------------------------

CREATE TABLE surveys (
    survey_no INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,                   -- nps (0 to 10) | csat (1 to 5)
    channel VARCHAR NOT NULL,                -- how people are asked: email | sms | kiosk
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE survey_invitations (            -- who was asked, after what
    invitation_no BIGINT NOT NULL,
    survey_no INTEGER NOT NULL,
    email VARCHAR,                           -- where it was sent; NULL: asked at a kiosk, or by SMS
    phone VARCHAR,                           -- E.164; by SMS only
    customer_no BIGINT,                      -- of the web shop, where that is known
    till_order_id VARCHAR,                   -- what it is about: one of the two
    web_order_no BIGINT,
    shop_no INTEGER,                         -- NULL: sent home
    sent_at TIMESTAMP NOT NULL,
    is_delivered BOOLEAN NOT NULL            -- false: it bounced, and nobody answers it
);

CREATE TABLE survey_answers (                -- at most one per invitation
    answer_no BIGINT NOT NULL,
    invitation_no BIGINT NOT NULL,
    survey_no INTEGER NOT NULL,
    score INTEGER,                           -- on the survey's scale; NULL: left out
    comment VARCHAR,                         -- in their own words; most write none
    started_at TIMESTAMP NOT NULL,
    submitted_at TIMESTAMP NOT NULL,         -- or when they left off
    is_complete BOOLEAN NOT NULL
);

-- Messages: e-mails and SMS -----------------------------------------------------------------------

CREATE TABLE message_campaigns (
    campaign_no BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,                   -- email | sms
    is_flow BOOLEAN NOT NULL,                -- sent to each when their time has come; else to all at once
    utm_campaign VARCHAR NOT NULL,           -- in its links, with utm_medium = kind
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE messages (                      -- a flow has several, a campaign one
    message_no BIGINT NOT NULL,
    campaign_no BIGINT NOT NULL,
    position INTEGER NOT NULL,               -- from 1
    name VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,                -- an SMS: its words
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE message_profiles (
    profile_no BIGINT NOT NULL,
    email VARCHAR,
    phone VARCHAR,                           -- E.164; whoever gave it may get SMS
    first_name VARCHAR,
    last_name VARCHAR,
    customer_no BIGINT,                      -- of the web shop, where that told it
    created_at TIMESTAMP NOT NULL,
    is_subscribed BOOLEAN NOT NULL,          -- at creation; see unsubscribed_at
    unsubscribed_at TIMESTAMP                -- from then on is_subscribed = false
);

CREATE TABLE message_events (                -- filter visible_at: few arrive hours late
    event_no BIGINT NOT NULL,
    profile_no BIGINT NOT NULL,
    campaign_no BIGINT NOT NULL,
    message_no BIGINT NOT NULL,
    event_kind VARCHAR NOT NULL,             -- sent delivered opened clicked bounced unsubscribed
    is_machine BOOLEAN NOT NULL,             -- a mail program or a filter did it
    url VARCHAR,                             -- of a click
    occurred_at TIMESTAMP NOT NULL,
    visible_at TIMESTAMP NOT NULL
);

-- What devices in the shops note, and telephone calls --------------------------------------------

CREATE TABLE store_events (                  -- filter visible_at: a session is told when it ends
    event_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,
    event_kind VARCHAR NOT NULL,             -- nfc_tap wifi_session kiosk_session check_in pick_up
                                             -- offer_shown offer_used
    device_id VARCHAR,                       -- the phone, as its pings call it; NULL: no phone in it
    customer_no BIGINT,                      -- logged in with the web shop's account
    square_customer_id VARCHAR,              -- named at a till or a kiosk
    subject VARCHAR,                         -- sku or offer
    order_id VARCHAR,                        -- till order that a kiosk took or an offer was used in
    web_order_no BIGINT,                     -- that was picked up
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,                      -- NULL: it has no length
    visible_at TIMESTAMP NOT NULL
);

CREATE TABLE calls (                         -- to the shops' numbers; filter visible_at: when it ended
    call_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,
    phone VARCHAR,                           -- E.164; NULL: withheld
    started_at TIMESTAMP NOT NULL,
    duration_seconds BIGINT NOT NULL,        -- 0: nobody answered
    is_answered BOOLEAN NOT NULL,
    source VARCHAR,                          -- of the page that showed the number; NULL: not from a page
    medium VARCHAR,
    campaign_name VARCHAR,
    visible_at TIMESTAMP NOT NULL
);

-- The state as of a clock ----------------------------------------------------------------------

CREATE MACRO done(happened_at, clock) AS CASE WHEN happened_at <= clock THEN happened_at END;

CREATE MACRO shops_as_of(clock) AS TABLE
SELECT
    * EXCLUDE (former_name, renamed_at) REPLACE (
        CASE WHEN renamed_at > clock THEN former_name ELSE name END AS name
    )
FROM shops;

CREATE MACRO web_customers_as_of(clock) AS TABLE
SELECT
    * EXCLUDE (email_marketing_state, unsubscribed_at, former_email, email_changed_at) REPLACE (
        CASE WHEN email_changed_at > clock THEN former_email ELSE email END AS email
    ),
    CASE WHEN unsubscribed_at <= clock THEN 'UNSUBSCRIBED' ELSE email_marketing_state END
        AS email_marketing_state,
    greatest(created_at, done(unsubscribed_at, clock), done(email_changed_at, clock)) AS updated_at
FROM web_customers
WHERE created_at <= clock;

CREATE MACRO web_refunds_as_of(clock) AS TABLE
SELECT * FROM web_refunds WHERE created_at <= clock;

CREATE MACRO web_orders_as_of(clock) AS TABLE
WITH refunded AS (
    SELECT order_no, sum(amount_minor)::BIGINT AS refunded_minor, max(created_at) AS refunded_at
    FROM web_refunds
    WHERE created_at <= clock
    GROUP BY order_no
)
SELECT
    o.* REPLACE (
        done(o.cancelled_at, clock) AS cancelled_at,
        done(o.fulfilled_at, clock) AS fulfilled_at,
        done(o.voided_at, clock) AS voided_at,
        done(o.edited_at, clock) AS edited_at,
        CASE WHEN o.edited_at <= clock THEN o.removed_minor ELSE 0 END AS removed_minor,
        CASE WHEN o.edited_at <= clock THEN o.shop_removed_minor ELSE 0 END AS shop_removed_minor,
        done(o.ready_at, clock) AS ready_at,
        done(o.picked_up_at, clock) AS picked_up_at,
        done(o.delivered_at, clock) AS delivered_at
    ),
    coalesce(r.refunded_minor, 0) AS refunded_minor,
    CASE
        WHEN o.voided_at <= clock THEN 'VOIDED'
        WHEN o.voided_at > clock THEN 'AUTHORIZED'
        WHEN o.edited_at > clock THEN 'PENDING'
        WHEN r.refunded_minor IS NULL THEN 'PAID'
        WHEN r.refunded_minor < o.total_minor THEN 'PARTIALLY_REFUNDED'
        ELSE 'REFUNDED'
    END AS financial_status,
    greatest(
        o.created_at, done(o.cancelled_at, clock), done(o.fulfilled_at, clock),
        done(o.voided_at, clock), done(o.edited_at, clock),
        done(o.ready_at, clock), done(o.picked_up_at, clock), done(o.delivered_at, clock),
        r.refunded_at
    ) AS updated_at
FROM web_orders AS o
LEFT JOIN refunded AS r USING (order_no)
WHERE o.created_at <= clock;

CREATE MACRO crm_contacts_as_of(clock) AS TABLE
WITH absorbed AS (
    SELECT
        merged_into_contact_no AS contact_no,
        max(archived_at) AS absorbed_at,
        list(contact_no ORDER BY contact_no) AS merged_contact_nos
    FROM crm_contacts
    WHERE merged_into_contact_no IS NOT NULL AND archived_at <= clock
    GROUP BY merged_into_contact_no
)
SELECT
    c.* REPLACE (
        CASE WHEN c.became_customer_at <= clock THEN 'customer' ELSE c.lifecycle_stage END
            AS lifecycle_stage,
        c.email_opt_in AND coalesce(c.opted_out_at > clock, true) AS email_opt_in,
        done(c.archived_at, clock) AS archived_at,
        CASE WHEN c.archived_at <= clock THEN c.merged_into_contact_no END AS merged_into_contact_no
    ),
    a.merged_contact_nos,
    greatest(
        c.created_at, done(c.became_customer_at, clock), done(c.opted_out_at, clock),
        done(c.archived_at, clock), a.absorbed_at
    ) AS updated_at
FROM crm_contacts AS c
LEFT JOIN absorbed AS a USING (contact_no)
WHERE c.created_at <= clock;

CREATE MACRO crm_deals_as_of(clock) AS TABLE
SELECT
    * EXCLUDE (amended_at, amended_minor, lost_at) REPLACE (
        CASE WHEN amended_at <= clock THEN amended_minor ELSE amount_minor END AS amount_minor
    ),
    CASE WHEN lost_at <= clock THEN 'closedlost' ELSE 'closedwon' END AS stage,
    greatest(created_at, done(amended_at, clock), done(lost_at, clock)) AS updated_at
FROM crm_deals
WHERE created_at <= clock;

CREATE MACRO till_customers_as_of(clock) AS TABLE
SELECT
    * EXCLUDE (loyalty_card_no, card_linked_at),
    CASE WHEN card_linked_at <= clock THEN loyalty_card_no END AS loyalty_card_no,
    greatest(created_at, done(card_linked_at, clock)) AS updated_at
FROM till_customers
WHERE created_at <= clock;

CREATE MACRO loyalty_accounts_as_of(clock) AS TABLE
WITH earned AS (
    SELECT
        loyalty_account_id, sum(points)::BIGINT AS points,
        (sum(points) FILTER (kind = 'earn'))::BIGINT AS earned, max(earned_at) AS earned_at
    FROM loyalty_points
    WHERE earned_at <= clock
    GROUP BY loyalty_account_id
)
SELECT
    a.* EXCLUDE (opening_points),
    a.opening_points + coalesce(e.points, 0) AS balance,
    a.opening_points + coalesce(e.earned, 0) AS lifetime_points,
    greatest(a.enrolled_at, e.earned_at) AS updated_at
FROM loyalty_accounts AS a
LEFT JOIN earned AS e USING (loyalty_account_id)
WHERE a.enrolled_at <= clock;

CREATE MACRO till_orders_as_of(clock) AS TABLE
SELECT *, visible_at AS updated_at FROM till_orders WHERE visible_at <= clock;

CREATE MACRO till_refunds_as_of(clock) AS TABLE
SELECT *, created_at AS updated_at FROM till_refunds WHERE created_at <= clock;

CREATE MACRO payments_as_of(clock) AS TABLE
WITH refunded AS (
    SELECT payment_id, sum(amount_minor)::BIGINT AS refunded_minor, max(created_at) AS refunded_at
    FROM till_refunds
    WHERE created_at <= clock
    GROUP BY payment_id
)
SELECT
    p.*,
    coalesce(r.refunded_minor, 0) AS refunded_minor,
    greatest(p.visible_at, r.refunded_at) AS updated_at
FROM payments AS p
LEFT JOIN refunded AS r USING (payment_id)
WHERE p.visible_at <= clock;

CREATE MACRO bookings_as_of(clock) AS TABLE
SELECT
    * EXCLUDE (accepted_at, cancelled_at, cancelled_status, no_show_at),
    CASE
        WHEN cancelled_at <= clock THEN cancelled_status
        WHEN no_show_at <= clock THEN 'NO_SHOW'
        WHEN accepted_at <= clock THEN 'ACCEPTED'
        ELSE 'PENDING'
    END AS status,
    greatest(
        created_at, done(accepted_at, clock), done(cancelled_at, clock), done(no_show_at, clock)
    ) AS updated_at
FROM bookings
WHERE created_at <= clock;

CREATE MACRO local_day(clock, time_zone) AS timezone(time_zone, timezone('UTC', clock))::DATE;

CREATE MACRO ad_daily_as_of(clock) AS TABLE   -- the numbers as the platform would report them at the clock
SELECT
    d.campaign_no, d.date, d.impressions, d.clicks,
    CASE WHEN is_settled THEN d.cost_micros_final ELSE d.cost_micros_initial END AS cost_micros,
    CASE WHEN is_settled THEN d.conversions_final ELSE d.conversions_initial END AS conversions,
    CASE WHEN is_settled THEN d.conversions_value_final ELSE d.conversions_value_initial END
        AS conversions_value,
    CASE WHEN is_settled THEN d.view_conversions_final ELSE d.view_conversions_initial END
        AS view_conversions
FROM (
    SELECT d.*, local_day(clock, a.time_zone) AS today, d.settled_on <= today AS is_settled
    FROM ad_daily AS d
    JOIN campaigns AS c USING (campaign_no)
    JOIN ad_accounts AS a ON a.platform = c.platform
) AS d
WHERE d.date < d.today;

CREATE MACRO campaigns_as_of(clock) AS TABLE
SELECT
    c.* REPLACE (
        CASE WHEN c.removed_on <= local_day(clock, a.time_zone) THEN 'REMOVED' ELSE c.status END
            AS status
    )
FROM campaigns AS c
JOIN ad_accounts AS a ON a.platform = c.platform
WHERE c.start_date <= local_day(clock, a.time_zone);

CREATE MACRO products_as_of(clock) AS TABLE
SELECT
    * REPLACE (done(retired_at, clock) AS retired_at),
    greatest(created_at, done(retired_at, clock)) AS updated_at
FROM products
WHERE created_at <= clock;

CREATE MACRO product_prices_as_of(clock) AS TABLE
SELECT * FROM product_prices WHERE updated_at <= clock;

CREATE MACRO stock_as_of(clock) AS TABLE
SELECT product_no, shop_no, sum(quantity)::BIGINT AS on_hand, max(moved_at) AS updated_at
FROM stock_moves
WHERE moved_at <= clock
GROUP BY product_no, shop_no;

CREATE MACRO gift_cards_as_of(clock) AS TABLE
WITH used AS (
    SELECT gift_card_no, sum(amount_minor)::BIGINT AS used_minor, max(used_at) AS used_at
    FROM gift_card_uses
    WHERE used_at <= clock
    GROUP BY gift_card_no
)
SELECT
    g.*,
    g.initial_minor - coalesce(u.used_minor, 0) AS balance_minor,
    greatest(g.issued_at, u.used_at) AS updated_at
FROM gift_cards AS g
LEFT JOIN used AS u USING (gift_card_no)
WHERE g.issued_at <= clock;

CREATE MACRO coupon_codes_as_of(clock) AS TABLE
SELECT * FROM coupon_codes WHERE issued_at <= clock;

CREATE MACRO coupons_as_of(clock) AS TABLE
WITH uses AS (
    SELECT discount_code AS code, created_at AS used_at FROM web_orders WHERE created_at <= clock
    UNION ALL
    SELECT coupon_code, visible_at FROM till_orders WHERE visible_at <= clock
), used AS (
    SELECT coupon_no, count(*) AS used_count, max(used_at) AS used_at
    FROM uses
    JOIN (SELECT coupon_no, code FROM coupons UNION ALL SELECT coupon_no, code FROM coupon_codes)
        USING (code)
    GROUP BY coupon_no
)
SELECT
    c.*,
    coalesce(u.used_count, 0) AS used_count,
    greatest(c.starts_at, u.used_at) AS updated_at
FROM coupons AS c
LEFT JOIN used AS u USING (coupon_no)
WHERE c.starts_at <= clock;

CREATE MACRO staff_as_of(clock) AS TABLE
SELECT
    * REPLACE (done(left_at, clock) AS left_at),
    greatest(hired_at, done(left_at, clock)) AS updated_at
FROM staff
WHERE hired_at <= clock;

CREATE MACRO till_devices_as_of(clock) AS TABLE
SELECT * FROM till_devices WHERE added_at <= clock;

CREATE MACRO crm_leads_as_of(clock) AS TABLE
SELECT
    * REPLACE (
        CASE WHEN converted_at <= clock THEN contact_no END AS contact_no,
        done(qualified_at, clock) AS qualified_at,
        done(converted_at, clock) AS converted_at,
        done(lost_at, clock) AS lost_at
    ),
    greatest(
        created_at, done(qualified_at, clock), done(converted_at, clock), done(lost_at, clock)
    ) AS updated_at
FROM crm_leads
WHERE created_at <= clock;

CREATE MACRO crm_opportunities_as_of(clock) AS TABLE   -- is_won: NULL while it is open
SELECT
    * REPLACE (
        done(closed_at, clock) AS closed_at,
        CASE WHEN closed_at <= clock THEN is_won END AS is_won,
        CASE WHEN closed_at <= clock THEN order_name END AS order_name
    ),
    greatest(created_at, done(closed_at, clock)) AS updated_at
FROM crm_opportunities
WHERE created_at <= clock;

CREATE MACRO crm_campaign_members_as_of(clock) AS TABLE
SELECT
    * REPLACE (
        CASE WHEN responded_at > clock THEN 'sent' ELSE status END AS status,
        done(responded_at, clock) AS responded_at
    ),
    greatest(added_at, done(responded_at, clock)) AS updated_at
FROM crm_campaign_members
WHERE added_at <= clock;

CREATE MACRO surveys_as_of(clock) AS TABLE
SELECT *, created_at AS updated_at FROM surveys WHERE created_at <= clock;

CREATE MACRO survey_invitations_as_of(clock) AS TABLE
SELECT *, sent_at AS updated_at FROM survey_invitations WHERE sent_at <= clock;

CREATE MACRO survey_answers_as_of(clock) AS TABLE   -- begun, but not yet submitted: nothing is told
SELECT
    * REPLACE (
        CASE WHEN submitted_at <= clock THEN score END AS score,
        CASE WHEN submitted_at <= clock THEN comment END AS comment,
        done(submitted_at, clock) AS submitted_at,
        is_complete AND submitted_at <= clock AS is_complete
    ),
    greatest(started_at, done(submitted_at, clock)) AS updated_at
FROM survey_answers
WHERE started_at <= clock;

CREATE MACRO message_campaigns_as_of(clock) AS TABLE
SELECT *, created_at AS updated_at FROM message_campaigns WHERE created_at <= clock;

CREATE MACRO messages_as_of(clock) AS TABLE
SELECT *, created_at AS updated_at FROM messages WHERE created_at <= clock;

CREATE MACRO message_profiles_as_of(clock) AS TABLE
SELECT
    * REPLACE (
        is_subscribed AND coalesce(unsubscribed_at > clock, true) AS is_subscribed,
        done(unsubscribed_at, clock) AS unsubscribed_at
    ),
    greatest(created_at, done(unsubscribed_at, clock)) AS updated_at
FROM message_profiles
WHERE created_at <= clock;

-- truth

CREATE TABLE persons (
    person_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    country_code VARCHAR NOT NULL,
    region_code VARCHAR NOT NULL,
    home_shop_no INTEGER NOT NULL,
    first_name VARCHAR NOT NULL,
    last_name VARCHAR NOT NULL,
    true_email VARCHAR NOT NULL,
    true_phone VARCHAR NOT NULL,
    birth_date DATE NOT NULL,
    consent_analytics BOOLEAN NOT NULL,      -- at the world's start
    consent_ads BOOLEAN NOT NULL,            -- implies consent_analytics
    consent_changed_at TIMESTAMP             -- from then on consent_analytics is the opposite
);

CREATE TABLE identifiers (                   -- whose record it is, one row per record of a system
    system VARCHAR NOT NULL,                 -- web_customer crm_contact till_customer
                                             -- loyalty_account ga_client app_device card_fingerprint
                                             -- web_order till_order message_profile call booking
                                             -- survey_invitation survey_answer
    record_id VARCHAR NOT NULL,              -- world id as text (the number, not the vendor's gid)
    person_id BIGINT                         -- its owner (a shared browser or card: the main user);
                                             -- NULL: nobody's, e.g. a store tablet or a staff device,
                                             -- their log-in, a walk-in profile, a gift card
);

CREATE TABLE visits (                        -- everybody near a shop, seen by a sensor or not
    visit_id BIGINT NOT NULL,
    person_id BIGINT,                        -- NULL: staff
    shop_no INTEGER NOT NULL,
    device_id VARCHAR,                       -- the phone that pinged, if any
    arrived_at TIMESTAMP NOT NULL,
    left_at TIMESTAMP NOT NULL,
    is_staff BOOLEAN NOT NULL,
    is_pass_by BOOLEAN NOT NULL,             -- walked past without entering
    cause_campaign_no BIGINT                 -- NULL: would have come anyway
);

CREATE TABLE exposures (
    person_id BIGINT NOT NULL,
    campaign_no BIGINT NOT NULL,
    exposed_at TIMESTAMP NOT NULL,
    is_click BOOLEAN NOT NULL,
    click_id VARCHAR
);

CREATE TABLE conversions (
    kind VARCHAR NOT NULL,                   -- web_order | till_order | store_visit | booking; of a
                                             -- hotel stay | repeat_stay | invoice, of a car dealer
                                             -- crm_lead | test_drive | crm_opportunity (won) | invoice
    record_id VARCHAR NOT NULL,              -- order_no, order_id, visit_id, booking_id, …
    person_id BIGINT NOT NULL,
    cause VARCHAR NOT NULL,                  -- organic | email | sms | campaign
    cause_campaign_no BIGINT,
    cause_channel VARCHAR NOT NULL,          -- organic | email | sms | paid_search | shopping |
                                             -- display | video | paid_social
    occurred_at TIMESTAMP NOT NULL,
    value_eur_minor BIGINT NOT NULL          -- order total at the fixed rate; else 0
);

CREATE TABLE campaign_effects (              -- what each campaign really added
    campaign_no BIGINT PRIMARY KEY,
    incremental_conversions BIGINT NOT NULL, -- web and till orders
    incremental_value_eur_minor BIGINT NOT NULL,
    incremental_visits BIGINT NOT NULL
);

CREATE TABLE stock_outs (                    -- nothing of it was left to sell
    product_no INTEGER NOT NULL,
    shop_no INTEGER NOT NULL,
    since TIMESTAMP NOT NULL,
    until TIMESTAMP                          -- NULL: still so at the world's end
);

CREATE TABLE satisfaction (                  -- of everybody who was asked, whether they answered or not
    invitation_no BIGINT NOT NULL,
    person_id BIGINT,                        -- NULL: nobody knows them
    score INTEGER NOT NULL,                  -- what they would say, on the survey's scale
    is_answered BOOLEAN NOT NULL             -- the unhappy and the delighted answer more than others
);
