{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'gift_cards') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'state': 'text', 'gan': 'text', 'created_at': 'time!',
        'balance_money': {'amount': 'minor', 'currency': 'text'},
    }) }}
),

renamed as (
    select
        payload.id as square_gift_card_id,
        payload.state as state,
        -- Whoever knows the number pays with it: we land no more of it; other loaders land all.
        right(payload.gan, 4) as last_characters,
        payload.balance_money.currency as currency_code,
        {{ minor('payload.balance_money.amount') }} as balance_minor,
        {{ utc('payload.created_at') }} as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
