"""How names are written: short forms, accents and their loss, other scripts, fields mixed up."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from demo.world.ids import Bools, Floats, Ints, Texts
from demo.world.places import COUNTRY_CODES

if TYPE_CHECKING:
    from demo.world.chunk import Chunk

_SHORT_FORMS = (
    "Katrin:Kati,Trine Stefan:Steff Sabine:Bine Hannah:Hanni Moritz:Mo Sophie:Sofie Elias:Eli "
    "Camille:Cam Gabriel:Gaby Margaux:Margot Mathieu:Mat Olivier:Oli Juliette:Ju Raphaël:Raph "
    "Olivia:Liv Amelia:Millie Oscar:Ozzy Sophia:Soph Henry:Harry Thomas:Tom Mohammed:Mo "
    "Callum:Cal Megan:Meg Archie:Arch James:Jim,Jamie Robert:Bob,Rob John:Johnny,Jack Tyler:Ty "
    "Patricia:Pat,Tricia Michael:Mike Jennifer:Jen,Jenny David:Dave Susan:Sue Daniel:Dan,Danny "
    "Ashley:Ash Madison:Maddie Rachel:Rach Kevin:Kev Nicole:Nikki,Nicky Marcus:Marc Emily:Em"
)
SHORT_FORMS = {
    name: forms.split(",")
    for name, forms in (pair.split(":") for pair in _SHORT_FORMS.split())
}  # fmt: skip
# Names that are commonly told without the accent that they have.
_ACCENTED_NAMES = (
    "Jose:José Sofia:Sofía Garcia:García Martinez:Martínez Hernandez:Hernández Lopez:López "
    "Gonzalez:González Perez:Pérez Sanchez:Sánchez Rodriguez:Rodríguez"
)
_ACCENTED = dict(pair.split(":") for pair in _ACCENTED_NAMES.split())
_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "Oe", "Ü": "Ue"})
_PLAIN = str.maketrans({"ı": "i", "ß": "ss"})

# As told in Latin letters, and as written by those who bear them. Each has a first and a last list.
_FOREIGN = [
    (
        "Oleksandr:Олександр Olena:Олена Dmytro:Дмитро Iryna:Ірина Andrii:Андрій Oksana:Оксана "
        "Mykola:Микола Nataliia:Наталія Serhii:Сергій Yuliia:Юлія",
        "Shevchenko:Шевченко Kovalenko:Коваленко Bondarenko:Бондаренко Tkachenko:Ткаченко "
        "Kravchuk:Кравчук Lysenko:Лисенко Savchenko:Савченко Moroz:Мороз",
    ),
    (
        "Georgios:Γεώργιος Maria:Μαρία Ioannis:Ιωάννης Eleni:Ελένη Dimitrios:Δημήτριος "
        "Katerina:Κατερίνα Nikolaos:Νικόλαος Sofia:Σοφία Panagiotis:Παναγιώτης Anna:Άννα",
        "Papadopoulos:Παπαδόπουλος Georgiou:Γεωργίου Ioannidis:Ιωαννίδης Nikolaidis:Νικολαΐδης "
        "Vlachos:Βλάχος Angelou:Αγγέλου Makris:Μακρής Dimitriou:Δημητρίου",
    ),
]
_KANJI = (
    "Haruto:陽翔 Yui:結衣 Sota:颯太 Hina:陽菜 Yuto:悠斗 Aoi:葵 Ren:蓮 Sakura:さくら Kaito:海斗 "
    "Mei:芽依 Daiki:大輝 Akari:明莉 Takumi:拓海 Rin:凛 Kenta:健太 Yuna:結菜 Hiroshi:浩 Keiko:恵子 "
    "Naoki:直樹 Emi:恵美 Ryo:涼 Misaki:美咲 Shota:翔太 Nanami:七海 Yuki:雪 Ayaka:彩花 "
    "Tatsuya:達也 Mika:美香 Sato:佐藤 Suzuki:鈴木 Takahashi:高橋 Tanaka:田中 Watanabe:渡辺 "
    "Ito:伊藤 Yamamoto:山本 Nakamura:中村 Kobayashi:小林 Kato:加藤 Yoshida:吉田 Yamada:山田 "
    "Sasaki:佐々木 Yamaguchi:山口 Matsumoto:松本 Inoue:井上 Kimura:木村 Hayashi:林 Shimizu:清水 "
    "Saito:斎藤 Mori:森 Abe:阿部 Ikeda:池田 Hashimoto:橋本 Ishii:石井"
)
OWN_SCRIPT = dict(
    pair.split(":")
    for part in (*(text for pools in _FOREIGN for text in pools), _KANJI)
    for pair in part.split()
)
_JAPAN = COUNTRY_CODES.index("JP")
_STATES = COUNTRY_CODES.index("US")
_IN_OWN_SCRIPT = 0.5  # of the records of those who can


def name_the_foreign(
    rng: np.random.Generator, foreign: Bools, head: Ints, country: Ints, first: Texts, last: Texts
) -> None:
    """Give the ``foreign`` outside Japan, whole households, names of one of the other languages."""
    drawn = rng.random((first.size, 3))
    for i in np.flatnonzero(foreign & (country != _JAPAN)):
        language, _, family = drawn[head[i]]
        firsts, lasts = _FOREIGN[int(language * len(_FOREIGN))]
        first[i] = _told(firsts, drawn[i, 1])
        last[i] = _told(lasts, family)


def foreign_names() -> list[list[str]]:
    """The given names of each of the other languages, in Latin letters."""
    return [[pair.split(":")[0] for pair in firsts.split()] for firsts, _ in _FOREIGN]


def _told(names: str, drawn: float) -> str:
    pairs = names.split()
    return pairs[int(drawn * len(pairs))].split(":")[0]


def written(
    chunk: Chunk, where: str, person: Ints, at: Ints, *, by_staff: bool = False
) -> tuple[Texts, Texts]:
    """First and last names of people as a record of a system has them that was made ``at``.

    Staff type in a hurry, and in Latin letters outside Japan.
    """
    people, noise = chunk.people, chunk.noise
    rng = chunk.rng(f"names {where}")
    first, last = people.first[person], people.last_at(person, at)
    drawn = rng.random((person.size, 7))
    own = people.own_script[person] & (drawn[:, 0] < _IN_OWN_SCRIPT)
    if by_staff:
        own &= people.country[person] == _JAPAN
    junior = people.is_junior[person] & (people.country[person] == _STATES) & (drawn[:, 0] < 0.5)
    shares = (
        noise.short_name, noise.lost_accent, noise.name_typo * by_staff, noise.initial,
        noise.swapped_names,
    )  # fmt: skip
    happens = drawn[:, 1:6] < np.array(shares)
    for i in np.flatnonzero(own | junior | happens.any(axis=1)):
        names = first[i], last[i]
        if own[i]:
            names = OWN_SCRIPT.get(names[0], names[0]), OWN_SCRIPT.get(names[1], names[1])
        if junior[i]:
            names = names[0], f"{names[1]} Jr."
        first[i], last[i] = _changed(names, happens[i].tolist(), drawn[i, 6], drawn[i])
    return first, last


def _changed(
    names: tuple[str, str], happens: list[bool], which: float, drawn: Floats
) -> tuple[str, str | None]:
    short, accent, typo, initial, swapped = happens
    first, last = names
    if short and first in SHORT_FORMS:
        forms = SHORT_FORMS[first]
        first = forms[int(which * len(forms))]
    if accent:
        first, last = (_other_accents(name, transliterates=which < 0.5) for name in (first, last))
    if typo:
        at = float(drawn[0])
        first, last = (first, mistyped(last, at)) if which < 0.5 else (mistyped(first, at), last)
    if initial:
        first = f"{first[0]}." if which < 0.5 else first[0]
    if swapped:
        return (last, first) if which < 0.5 else (f"{last}, {first}", None)
    return first, last


def _other_accents(name: str, *, transliterates: bool) -> str:
    if name in _ACCENTED:
        return _ACCENTED[name]
    if any(ord(letter) > 0x17F for letter in name):  # no Latin letters
        return name
    if transliterates:
        name = name.translate(_TRANSLITERATED)
    decomposed = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def mistyped(name: str, drawn: float) -> str:
    """Two letters swapped, one left out or one doubled, behind the first."""
    if len(name) < 4:
        return name + name[-1]
    at = 1 + int(drawn * (len(name) - 2))
    kind = int(drawn * 997) % 3
    if kind == 0 and name[at] != name[at + 1]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :] if kind == 1 else name[: at + 1] + name[at:]
