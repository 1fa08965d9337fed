"""YAML whose keys have lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from o2o.company.reading import CompanyError, read


def written(folder: Path, text: str) -> Path:
    file = folder / "company.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    document = read(written(tmp_path, "# ours\na:\n  b: on\n  c:\n    - 1\n    - {d: x}\n"))
    assert document.data == {"a": {"b": True, "c": [1, {"d": "x"}]}}
    lines = {key: line for key, line in document.lines.items() if key}
    assert lines == {
        ("a",): 2, ("a", "b"): 3, ("a", "c"): 4, ("a", "c", 0): 5, ("a", "c", 1): 6,
        ("a", "c", 1, "d"): 6,
    }  # fmt: skip
    assert document.place(("a", "b", "absent")) == f"{document.file}:3"


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "# nothing yet\n")).data == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", r"company\.yml:2: b\.c: line 2 says it, too; allowed: once"),
        ("a: 1\n\na: 2\n", r"company\.yml:3: a: line 1 says it, too; allowed: once"),
        ("a: [1\nb: 2\n", r"company\.yml:2: this is not YAML: "),
        ("a: &x 1\nb: *x\n", r"company\.yml:2: this is not YAML: aliases are not read"),
        ("a: &x [*x]\n", r"company\.yml:1: this is not YAML: aliases are not read"),
        ("a: 1\nb: 2026-02-30\n", r"company\.yml:2: b: day .*; allowed: text in quotes"),
        ("a: !!python/name:os.system\n", r"company\.yml:1: this is not YAML: could not determine"),
        ("- a\n", r"company\.yml:1: it has no keys; allowed: keys"),
    ],
)
def test_what_is_no_mapping_of_keys_is_named_with_its_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(CompanyError, match=complaint):
        read(written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "company.yml").write_bytes(b"a: \xff\n")
    with pytest.raises(CompanyError, match=r"company\.yml:1: it cannot be read: .*utf-8"):
        read(tmp_path / "company.yml")
