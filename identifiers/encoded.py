"""The same text as programs pass it on: percent-encoded, escaped, in base64.

For whoever must miss none: :func:`decoded` gives back what such a text says, :func:`escaped` and
:func:`in_base64` find a value in it without decoding, by patterns that RE2, Java and Python share.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

_NAMED = {
    b"amp": b"&",
    b"apos": b"'",
    b"commat": b"@",
    b"gt": b">",
    b"hyphen": b"-",
    b"lowbar": b"_",
    b"lt": b"<",
    b"period": b".",
    b"plus": b"+",
    b"quot": b'"',
}
_ESCAPES = re.compile(
    rb"%([0-9a-fA-F]{2})|\\+u([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})"
    rb"|&#([0-9]{1,7});|&#[xX]([0-9a-fA-F]{1,6});|&(" + b"|".join(_NAMED) + rb");"
)
_QUOTED = re.compile(rb"=(?:([0-9A-F]{2})|\r?\n)")
# A word of base64, or lines of it as mail has them.
BASE64_WORD = re.compile(
    rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{1,76}={0,2}|[A-Za-z0-9+/_-]{7,}={0,2}"
)
_DEPTH = 3  # how often it may have been encoded
_LEAST = 7  # characters of base64 that are not there by chance


def decoded(content: bytes, *, is_base64: bool = True) -> list[bytes]:
    """Other readings of a content, none if it says nothing but itself. Without ``is_base64`` its
    words are not tried for base64, which takes long: :func:`in_base64` tells whether to."""
    found = []
    plain = content
    for _ in range(_DEPTH):
        if (further := _ESCAPES.sub(_unescaped, plain)) == plain:
            break
        plain = further
    for reading in (plain, _QUOTED.sub(_unquoted, content)):
        if reading != content:
            found.append(reading)
    if is_base64 and (
        words := [inner for word in BASE64_WORD.finditer(content) for inner in _inner(word[0])]
    ):
        found.append(b"\n".join(words))
    return found


def readings(text: str) -> Iterator[str]:
    """A text and its other readings."""
    yield text
    for each in decoded(text.encode("utf-8", "surrogatepass")):
        yield each.decode("utf-8", "replace")


def recoded(word: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A word of base64 with another content of the same length; itself if it is none."""
    signs = re.sub(rb"[\r\n=]", b"", word)
    for shift in range(4):
        inner = _from_base64(signs[shift:])
        after = change(inner)
        if after != inner and len(after) == len(inner):
            encode = base64.urlsafe_b64encode if re.search(rb"[_-]", signs) else base64.b64encode
            rest = encode(after).rstrip(b"=")
            new = iter(signs[:shift] + rest + signs[shift + len(rest) :])
            return bytes(one if one in b"\r\n=" else next(new) for one in word)
    return word


def escaped(text: str, *, always: bool = False) -> str:
    """A pattern for a text whose signs, other than letters and digits, may be escaped; ``always``:
    these, too, which makes it long."""
    is_plain = [one.isascii() and one.isalnum() and not always for one in text]
    return "".join(one if plain else _sign(one) for one, plain in zip(text, is_plain, strict=True))


def in_base64(text: str) -> set[str]:
    """What every base64 has that holds the text: one core for each place it may begin at."""
    found = set()
    for value in {text, text.lower(), text.upper()}:
        content = value.encode()
        for before in range(3):
            signs = base64.b64encode(b"\0" * before + content).rstrip(b"=").decode()
            first, last = -(-before * 8 // 6), (before + len(content)) * 8 // 6
            core = signs[first:last]
            if len(core) >= _LEAST:
                found |= {core, core.replace("+", "-").replace("/", "_")}
    return found


def _sign(one: str) -> str:
    forms = [" " if one == " " else re.escape(one)]  # RE2 knows no escaped space
    for each in sorted({one, one.swapcase()}):
        code, content = ord(each[0]), each.encode("utf-8", "replace")
        forms += [
            "".join(f"%(?:25)*{byte:02x}" for byte in content),
            "".join(f"={byte:02x}" for byte in content),
            f"&#0*{code};",
            f"&#x0*{code:x};",
            *(f"&{name.decode()};" for name, sign in _NAMED.items() if sign == content),
        ]
        if code <= 0xFFFF:
            forms.append(rf"\\+u{code:04x}")
    return f"(?:{'|'.join(forms)})"


def _unescaped(found: re.Match[bytes]) -> bytes:
    percent, unit, byte, number, hexadecimal, name = found.groups()
    if percent or byte:
        return bytes.fromhex((percent or byte).decode())
    if name:
        return _NAMED[name]
    code = int(number) if number else int(unit or hexadecimal, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return found[0]
    return chr(code).encode()


def _unquoted(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode()) if found[1] else b""


def _inner(word: bytes) -> Iterator[bytes]:
    signs = re.sub(rb"[\r\n=]", b"", word)
    for shift in range(4):
        if inner := _from_base64(signs[shift:]):
            yield inner


def _from_base64(signs: bytes) -> bytes:
    whole = signs[: len(signs) - (len(signs) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4), altchars=b"-_") if whole else b""
