"""What families have in common beside their name: an address, a phone of twins, a given name."""

from __future__ import annotations

import numpy as np

from demo.world.ids import Bools, Ints, Texts

_GENERATION = 20 * 365  # days between a parent and a child, at least


def tell_apart(rng: np.random.Generator, head: Ints, first: Texts, names: list[list[str]]) -> None:
    """Two of one household are never called alike by chance: another name of the same language.

    ``names``: lists of names, each of a language.
    """
    drawn = rng.random(head.size)
    taken: dict[int, set[str]] = {}
    for i, house in enumerate(head.tolist()):
        at_home = taken.setdefault(house, set())
        if first[i] in at_home:
            language = next(each for each in names if first[i] in each)
            free = [name for name in language if name not in at_home]
            first[i] = free[int(drawn[i] * len(free))]
        at_home.add(first[i])


def make_twins(
    rng: np.random.Generator,
    head: Ints,
    birth: Ints,
    first: Texts,
    names: list[list[str]],
    country: Ints,
    share: float,
) -> Bools:
    """In a share of the families of four the last two are born on one day. Answers who they are.

    Twins never have one name; half of them have names that begin alike, if ``names``, each
    country's, have such.
    """
    is_twin = np.zeros(head.size, dtype=bool)
    drawn = rng.random((head.size, 3))
    for i in np.flatnonzero((np.arange(head.size) - head == 3) & (drawn[:, 0] < share)):
        is_twin[i - 1 : i + 1] = True
        birth[i] = birth[i - 1]
        others = [name for name in names[country[i]] if name != first[i - 1]]
        alike = [name for name in others if name[0] == first[i - 1][0]]
        if (alike and drawn[i, 1] < 0.5) or first[i] == first[i - 1]:
            choice = alike or others
            first[i] = choice[int(drawn[i, 2] * len(choice))]
    return is_twin


def name_after_parents(
    rng: np.random.Generator, head: Ints, birth: Ints, names: tuple[Texts, Texts], share: float
) -> Bools:
    """A share of the children has both names of the first of the household. Answers who."""
    is_child = birth - birth[head] >= _GENERATION
    named = is_child & (rng.random(head.size) < share)
    for name in names:
        name[named] = name[head[named]]
    return named


def mail_readers(rng: np.random.Generator, head: Ints, birth: Ints, share: float) -> Ints:
    """Whose e-mail address each person uses: in a share of the couples both the first one's."""
    everybody = np.arange(head.size)
    is_partner = (everybody - head == 1) & (np.abs(birth - birth[head]) < _GENERATION)
    return np.where(is_partner & (rng.random(head.size) < share), head, everybody)
