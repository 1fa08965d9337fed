from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import names
from identifiers.names import Name

READ_AS: dict[tuple[str | None, str | None], Name] = {
    ("Anna", "Schmidt"): Name("anna", "schmidt"),
    ("Müller, Anna", None): Name("anna", "muller"),
    ("Anna Maria Schmidt", None): Name("anna maria", "schmidt"),
    ("Jan van der Berg", None): Name("jan", "van der berg"),
    ("Dr. Anna", "von der Heide"): Name("anna", "von der heide"),
    ("Robert", "King Jr."): Name("robert", "king", 2),
    ("Frank Dole", "Jr"): Name("frank", "dole", 2),
    (None, "Smith, John III"): Name("john", "smith", 3),
    ("Sean", "O’Brien"): Name("sean", "obrien"),
    ("Łukasz", "Żółć"): Name("lukasz", "zolc"),
    ("Иван", "Ёлкин"): Name("иван", "елкин"),
    ("Γιώργος", "Παπάς"): Name("γιωργοσ", "παπασ"),
    ("राम", "कुमार"): Name("राम", "कुमार"),
    ("محمد", "عَلي"): Name("محمد", "علي"),
    ("김민수", ""): Name("김민수", None),
    ("n/a", "VIP"): Name(None, None),
    (None, "N/A"): Name(None, None),
    ("Gast", "-"): Name(None, None),
    ("1234", None): Name(None, None),
    (None, None): Name(None, None),
}
ALIKE = [
    ("Robert", "Bob"), ("Rob", "Bobby"), ("Katharina", "Kathi"), ("José", "Jose"),
    ("Jürgen", "Juergen"), ("Alex", "Alexander"), ("Alex", "Alexandra"), ("J.", "John"),
    ("Hans-Peter", "Peter"), ("Anna Maria", "Maria"), ("John R", "John"), ("Lukas", "Lucas"),
    ("Katahrina", "Katharina"), ("Micheal", "Michael"), ("Łukasz", "Lukasz"), ("Иван", "Ivan"),
    ("محمد", "Mohammed"), ("Μαρία", "Maria"),
]  # fmt: skip
APART = [
    ("Alexander", "Alexandra"), ("Tim", "Tom"), ("Paul", "Paula"), ("John", "Jane"), ("J", "K"),
    ("Anna Maria", "Eva Maria"), ("Martin", "Marvin"), ("Christian", "Christina"),
    ("Andrea", "Andreas"), ("Daniel", "Daniela"), ("Mario", "Maria"), ("伟", "丽"),
]  # fmt: skip
FAMILIES_ALIKE = [
    ("Maier", "Meier"), ("Müller-Lüdenscheidt", "Müller"), ("van der Berg", "Berg"),
    ("Schmidt", "Schmitt"), ("Иванова", "Ivanova"), ("Παπαδόπουλος", "Papadopoulos"),
    ("O'Brien", "OBrien"), ("K.", "King"),
]  # fmt: skip
FAMILIES_APART = [("Smith", "Jones"), ("Kurz", "Lang"), ("Schmidt", "Schneider"), ("Li", "Lu")]


def given_alike(one: str, other: str) -> bool:
    likenesses = [names.given_likeness(names.fold(name)) for name in (one, other)]
    assert likenesses[0].agrees(likenesses[1]) == likenesses[1].agrees(likenesses[0])
    return likenesses[0].agrees(likenesses[1])


def families_alike(one: str, other: str) -> bool:
    return names.family_likeness(names.fold(one)).agrees(names.family_likeness(names.fold(other)))


@pytest.mark.parametrize(("written", "expected"), READ_AS.items())
def test_read(written: tuple[str | None, str | None], expected: Name) -> None:
    assert names.read(*written) == expected


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_persons_given_names(one: str, other: str) -> None:
    assert given_alike(one, other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_peoples_given_names(one: str, other: str) -> None:
    assert not given_alike(one, other)


@pytest.mark.parametrize(("one", "other"), FAMILIES_ALIKE)
def test_one_familys_names(one: str, other: str) -> None:
    assert families_alike(one, other)


@pytest.mark.parametrize(("one", "other"), FAMILIES_APART)
def test_two_families_names(one: str, other: str) -> None:
    assert not families_alike(one, other)


@given(st.text(max_size=20), st.text(max_size=20))
def test_what_was_read_reads_the_same_and_is_like_itself(given_name: str, family: str) -> None:
    name = names.read(given_name, family)
    assert names.fold(names.fold(given_name)) == names.fold(given_name)
    for part, likeness in (
        (name.given, names.given_likeness),
        (name.family, names.family_likeness),
    ):
        if part:
            assert names.fold(part) == part
            assert likeness(part).agrees(likeness(part))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("1985-03-12", "1985-03-12", True),
        ("1985-03-12", "1985-12-03", True),
        ("1985-03-12", "1985-03-13", True),
        ("1985-03-12", "1950-03-12", False),
        ("1985-03-12", "1987-11-30", False),
    ],
)
def test_birth_dates(one: str, other: str, alike: bool) -> None:
    assert names.birth_date_likeness(one).agrees(names.birth_date_likeness(other)) == alike


def test_a_date_that_programs_write_is_none() -> None:
    assert names.birth_date("1985-03-12T00:00:00Z") == "1985-03-12"
    for text in ("1900-01-01", "1970-01-01", "0001-01-01", "", None):
        assert names.birth_date(text) is None
