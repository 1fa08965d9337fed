-- What a company of another trade keeps beside what schema.sql has, in world.duckdb. Its conventions hold here, too.
-- A client is whom the house's own system knows: a guest of a hotel, a buyer at a dealer.

CREATE TABLE clients (                       -- filter created_at; staff make one more than they must
    client_no BIGINT NOT NULL,               -- of who has a web account, its customer_no
    email VARCHAR,
    phone VARCHAR,
    first_name VARCHAR,
    last_name VARCHAR,
    country_code VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE reservations (                  -- rooms
    reservation_no BIGINT NOT NULL,
    confirmation VARCHAR NOT NULL,           -- what guest, web analytics and invoice call it
    client_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,                -- the hotel
    source VARCHAR NOT NULL,                 -- web | phone | store: at the desk
    created_at TIMESTAMP NOT NULL,
    arrives_at TIMESTAMP NOT NULL,           -- as planned, and as it comes
    departs_at TIMESTAMP NOT NULL,
    party_size INTEGER NOT NULL,
    currency_code VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,            -- of the room, with tax
    cancelled_at TIMESTAMP,                  -- at most one of the two
    no_show_at TIMESTAMP,
    room_no INTEGER NOT NULL
);

CREATE TABLE key_uses (                      -- filter used_at: a key card held to the door of a room
    key_use_no BIGINT NOT NULL,
    reservation_no BIGINT NOT NULL,
    client_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,
    room_no INTEGER NOT NULL,
    used_at TIMESTAMP NOT NULL
);

CREATE TABLE test_drives (
    drive_no BIGINT NOT NULL,
    client_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,                -- the dealer's branch
    model VARCHAR NOT NULL,
    source VARCHAR NOT NULL,                 -- web | phone | store
    created_at TIMESTAMP NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    cancelled_at TIMESTAMP,                  -- at most one of the two
    no_show_at TIMESTAMP
);

CREATE TABLE invoices (                      -- filter issued_at: total = goods - discount + tax
    invoice_no BIGINT NOT NULL,
    order_name VARCHAR NOT NULL,             -- confirmation of the stay, contract about the car
    client_no BIGINT NOT NULL,
    shop_no INTEGER NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    currency_code VARCHAR NOT NULL,
    goods_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL
);

CREATE TABLE invoice_lines (
    invoice_no BIGINT NOT NULL,
    line_no INTEGER NOT NULL,                -- from 1
    sku VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,          -- of the whole line
    tax_minor BIGINT NOT NULL                -- of the whole line
);
