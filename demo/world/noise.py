"""How badly the systems' records describe the people behind them: named levels of rates."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

NoiseLevel = Literal["none", "usual", "high", "worst"]
DEFAULT_NOISE: NoiseLevel = "usual"


@dataclass(frozen=True)
class Noise:
    """Each rate is a probability per person or record, 0 in a world where identity is easy.

    The defaults are the level ``usual``.
    """

    # E-mail addresses as typed. An error is another mailbox, an alias (+shop, Gmail's dots) is not.
    email_error_web: float = 0.015  # of web accounts' addresses
    email_error_till: float = 0.04  # of addresses typed in by staff
    email_error_form: float = 0.03  # of guest checkouts and lead forms
    email_alias_web: float = 0.04
    email_alias_elsewhere: float = 0.03
    # Values that identify nobody, or everybody.
    default_phone: float = 0.04  # till profiles that carry the till's default number
    junk_phone: float = 0.0  # web accounts with zeros, or with the number of the shop nearby
    junk_email: float = 0.0  # till profiles with noreply@, test@ or the shop's own mailbox
    # What households share, of their members beyond the first.
    shared_phone: float = 0.15  # give the first member's number everywhere
    shared_browser: float = 0.12  # use the first member's laptop as theirs
    shared_card: float = 0.08  # pay with the first member's card
    # What passes from one person to a stranger.
    recycled_loyalty_card: float = 0.003  # members whose card had an owner before, who left it
    handed_on_card: float = 0.0  # persons who also pay with a stranger's card (prepaid, company)
    # What makes one person look like two, or two like one.
    second_account: float = 0.15  # web customers with another account
    second_profile: float = 0.08  # loyalty members with another profile at the till
    store_tablet: float = 0.02  # web orders that are placed on the tablet in the shop
    gift: float = 0.025  # web orders with name and phone of whoever gets the present
    wrong_profile: float = 0.0  # till sales booked on another customer's profile
    # How names are written.
    short_name: float = 0.05  # of records of people whose name has a short form: Bob, Kathi
    lost_accent: float = 0.1  # of records of names with accents: Muller or Mueller, José or Jose
    initial: float = 0.005  # of records: A. Weber
    swapped_names: float = 0.004  # of records: fields swapped, or "Weber, Anna" in one
    name_typo: float = 0.01  # of names typed in by staff
    other_script: float = 0.01  # households whose names are Greek or Ukrainian, in Japan kanji
    changed_name: float = 0.01  # persons who got another family name within the last two years
    # Families.
    shared_email: float = 0.03  # couples with one address
    twins: float = 0.02  # families of four whose children are, with the family's phone
    namesake: float = 0.01  # children named after the first of the household
    # Addresses and numbers that change hands, and how they are written.
    changed_email: float = 0.02  # persons who changed their address, at the web shop, too
    reused_email: float = 0.03  # of the addresses left behind: a stranger's later
    recycled_phone: float = 0.002  # persons whose number had an owner before, who left it
    phone_spelling: float = 0.05  # of numbers at tills and in the CRM: 0170/…, +49 (0)170 …, ext.
    additional_email: float = 0.03  # of contacts of people with another address: lists it
    spaced_card: float = 0.02  # of loyalty cards in the CRM: with blanks
    # What staff leave in the records.
    staff_login: float = 0.25  # shops whose tablet stays logged in as the staff
    walk_in: float = 0.03  # sales without a customer that are booked on the shop's walk-in profile
    default_email: float = 0.01  # till profiles without an address that have declined@ … for one
    default_reference: float = 0.01  # till profiles without a card that have n/a, VIP … for one
    assistants_contact: float = 0.003  # deals with the contact of who served the customer
    mistyped_order: float = 0.002  # deals that name another order, or one that does not exist
    gift_card_number: float = 0.5  # of payments by gift card: name the card, which is handed on
    no_user_id: float = (
        0.003  # of visits without a log-in: analytics has undefined, 0, null for one
    )
    # Attributes that change or are wrong.
    birth_date_error: float = 0.03  # of recorded birth dates: day and month swapped, a digit wrong
    move: float = 0.1  # households that move within the two years up to the world's end
    consent_change: float = 0.02  # persons who withdraw or give consent to web analytics, once
    # How untidy the traces of visits are; more or less of it makes nobody harder to recognise.
    misspelt_link: float = 0.02  # sessions whose link spells its medium otherwise: CPC, e-mail%20
    payment_referral: float = 0.15  # purchases that analytics books on the page of payment
    unlisted_click: float = 0.02  # ad clicks that the platform does not list
    nobodys_session: float = 0.01  # sessions of staff and robots, by those of everybody
    no_browser_attribute: float = 0.03  # web orders that do not name the browser
    wrong_clock: float = 0.002  # phones whose clock is years ahead


LEVELS: dict[NoiseLevel, Noise] = {
    "none": Noise(**{field.name: 0.0 for field in fields(Noise)}),
    "usual": Noise(),
    "high": Noise(
        email_error_web=0.03,
        email_error_till=0.08,
        email_error_form=0.05,
        email_alias_web=0.06,
        email_alias_elsewhere=0.06,
        default_phone=0.08,
        junk_phone=0.01,
        junk_email=0.02,
        shared_phone=0.25,
        shared_browser=0.2,
        shared_card=0.15,
        recycled_loyalty_card=0.015,
        handed_on_card=0.01,
        second_account=0.2,
        second_profile=0.12,
        store_tablet=0.06,
        gift=0.05,
        wrong_profile=0.003,
        short_name=0.1,
        lost_accent=0.2,
        initial=0.01,
        swapped_names=0.01,
        name_typo=0.03,
        other_script=0.03,
        changed_name=0.02,
        shared_email=0.06,
        twins=0.04,
        namesake=0.02,
        changed_email=0.04,
        reused_email=0.06,
        recycled_phone=0.008,
        phone_spelling=0.15,
        additional_email=0.06,
        spaced_card=0.05,
        staff_login=0.5,
        walk_in=0.1,
        default_email=0.04,
        default_reference=0.03,
        assistants_contact=0.01,
        mistyped_order=0.005,
        gift_card_number=0.75,
        no_user_id=0.01,
        birth_date_error=0.05,
        move=0.15,
        consent_change=0.05,
    ),
    "worst": Noise(
        email_error_web=0.05,
        email_error_till=0.12,
        email_error_form=0.08,
        email_alias_web=0.08,
        email_alias_elsewhere=0.08,
        default_phone=0.12,
        junk_phone=0.03,
        junk_email=0.05,
        shared_phone=0.4,
        shared_browser=0.3,
        shared_card=0.25,
        recycled_loyalty_card=0.04,
        handed_on_card=0.03,
        second_account=0.3,
        second_profile=0.2,
        store_tablet=0.2,
        gift=0.1,
        wrong_profile=0.01,
        short_name=0.2,
        lost_accent=0.4,
        initial=0.03,
        swapped_names=0.03,
        name_typo=0.06,
        other_script=0.06,
        changed_name=0.04,
        shared_email=0.12,
        twins=0.08,
        namesake=0.04,
        changed_email=0.08,
        reused_email=0.15,
        recycled_phone=0.02,
        phone_spelling=0.3,
        additional_email=0.1,
        spaced_card=0.1,
        staff_login=1.0,
        walk_in=0.3,
        default_email=0.1,
        default_reference=0.06,
        assistants_contact=0.02,
        mistyped_order=0.01,
        gift_card_number=1.0,
        no_user_id=0.03,
        birth_date_error=0.08,
        move=0.25,
        consent_change=0.1,
    ),
}
