from __future__ import annotations

import pytest

from analytics.errors import InputError
from analytics.linkage.fields import FIELDS, recognise


def test_knows_the_usual_names() -> None:
    columns = ["First Name", "LAST_NAME", "DOB", "zip", "soc_sec_id", "colour"]
    assert recognise(columns) == {
        "given_name": "First Name",
        "surname": "LAST_NAME",
        "date_of_birth": "DOB",
        "postcode": "zip",
        "national_id": "soc_sec_id",
    }


def test_no_name_stands_for_two_fields() -> None:
    names = [name for field, others in FIELDS.items() for name in (field, *others)]
    assert len(names) == len(set(names))


def test_what_is_said_wins_over_the_name() -> None:
    assert recognise(["zip", "plz"], {"plz": "postcode"}) == {"postcode": "plz"}


@pytest.mark.parametrize(
    ("columns", "said", "message"),
    [
        (["dob", "birthday"], {}, "both look like date_of_birth"),
        (["a"], {"b": "surname"}, "no column 'b'"),
        (["a"], {"a": "shoe_size"}, "'shoe_size' is not a field"),
    ],
)
def test_tells_what_is_wrong(columns: list[str], said: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recognise(columns, said)
