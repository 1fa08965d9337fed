"""The fields a record may have, and the names under which they come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from analytics.errors import InputError

# Field → the other names it is recognised by (compared in lower case, words joined by underscores).
FIELDS: dict[str, tuple[str, ...]] = {
    "given_name": ("first_name", "firstname", "forename", "given", "givenname", "fname"),
    "surname": ("last_name", "lastname", "family_name", "familyname", "lname"),
    "full_name": ("name", "fullname", "person_name", "customer_name"),
    "date_of_birth": ("dob", "birth_date", "birthdate", "birthday", "date_birth", "dateofbirth"),
    "national_id": ("soc_sec_id", "ssn", "social_security_number", "nationalid", "tax_id", "nino"),
    "email": ("e_mail", "email_address", "mail", "emailaddress"),
    "phone": ("phone_number", "telephone", "mobile", "mobile_phone", "tel", "phonenumber"),
    "street_number": ("house_number", "street_no", "house_no", "number"),
    "address_1": ("street", "address", "address1", "address_line_1", "street_name", "addr1"),
    "address_2": ("address2", "address_line_2", "addr2", "unit"),
    "suburb": ("city", "town", "locality", "place"),
    "postcode": ("postal_code", "zip", "zipcode", "zip_code", "post_code", "postalcode"),
    "state": ("region", "province", "county"),
    "country": ("country_code",),
    "gender": ("sex",),
    "birth_place": ("place_of_birth", "birthplace"),
    "occupation": ("profession", "job"),
}

_NAMES = {name: field for field, others in FIELDS.items() for name in (field, *others)}


def recognise(columns: Iterable[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column holds which field: ``{field: column}``; columns that are none are left out.

    ``given`` (``{column: field}``) wins over the names. Raises InputError for a given column or
    field that does not exist, and when two columns would be the same field.
    """
    columns = list(columns)
    given = dict(given or {})
    for column, field in given.items():
        if column not in columns:
            raise InputError(
                f"There is no column {column!r}; the columns are {', '.join(columns)}."
            )
        if field not in FIELDS:
            raise InputError(f"{field!r} is not a field; the fields are {', '.join(FIELDS)}.")
    found: dict[str, str] = {}
    for column in columns:
        known = given.get(column) or _NAMES.get(_plain(column))
        if known is None or (column not in given and known in given.values()):
            continue
        if known in found:
            raise InputError(
                f"The columns {found[known]!r} and {column!r} both look like {known}: rename one,"
                f" or say which it is (--field {column}={known})."
            )
        found[known] = column
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
