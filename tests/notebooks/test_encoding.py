"""Text arrives as it was written, whatever encoding an editor chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks import reader
from autograder.notebooks.encoding import as_text

REPORTED = Path(__file__).parents[1] / "reported"
TEXTS = {
    "utf-8": "Gr\u00f6\u00dfe = '\u7d50\u679c'",
    "latin-1": "Gr\u00f6\u00dfe = '\u00e9'",
    "iso-8859-15": "preis = '5 \u20ac'",
    "cp1252": "preis = '5 \u20ac \u201eneu\u201c'",
    "koi8-r": "\u0438\u043c\u044f = '\u0434\u0430'",
    "cp1251": "\u0438\u043c\u044f = '\u0434\u0430'",
    "shift_jis": "\u8868 = '\u7d50\u679c\u306e\u8868'",
    "euc-jp": "\u8868 = '\u7d50\u679c'",
    "iso-2022-jp": "\u8868 = '\u7d50\u679c'",
    "gbk": "\u4ef7\u683c = '\u5143'",
    "big5": "\u50f9\u683c = '\u5143'",
    "euc-kr": "\uac00\uaca9 = '\uc6d0'",
}


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize(
    "cookie",
    [
        "# -*- coding: {} -*-\n",
        "# vim: set fileencoding={} :\n",
        "#!/usr/bin/env python\n# coding={}\n",
        "\n# coding: {}\r\n",
    ],
)
def test_a_script_is_read_in_the_encoding_that_it_declares(encoding: str, cookie: str) -> None:
    text = cookie.format(encoding) + TEXTS[encoding] + "\n"
    read, warnings = as_text(text.encode(encoding), is_script=True)
    assert read == text.replace("\r\n", "\n")
    assert warnings == []


@pytest.mark.parametrize(
    ("declared", "written", "letter"),
    [
        *(("shift_jis", "cp932", "\u2460"), ("gb2312", "gb18030", "\u9555")),
        *(("euc-kr", "cp949", "\ub620"), ("ascii", "utf-8", "\u00e4")),
    ],
)
def test_more_letters_than_the_declared_encoding_has_are_read(
    declared: str, written: str, letter: str
) -> None:
    text = f"# coding: {declared}\nx = '{letter}'\n"
    with pytest.raises(UnicodeDecodeError):
        text.encode(written).decode(declared)
    assert as_text(text.encode(written), is_script=True) == (text, [])


@pytest.mark.parametrize(
    "declared", ["utf-8", "ascii", "no-such-code", "rot13", "base64", "idna", "unicode_escape"]
)
def test_a_declaration_that_does_not_fit_is_told_and_passed_over(declared: str) -> None:
    text = f"# coding: {declared}\nx = '\u00e4\u20ac'\n"
    read, warnings = as_text(text.encode("cp1252"), is_script=True)
    assert read == text
    assert declared in warnings[0]
    assert "cp1252" in warnings[1]


def test_only_the_first_two_lines_of_a_script_declare() -> None:
    data = "x = 1\n# coding: cp932\ny = '\u00e4'\n".encode()
    assert as_text(data, is_script=True)[0] == data.decode()
    late = "# one\n# two\n# coding: cp932\ny = '\u00e4'\n".encode()
    assert as_text(late, is_script=True)[0] == late.decode()
    in_json = b'# coding: cp932\n{"cells": "\xc3\xa4"}'
    assert as_text(in_json, is_script=False)[0] == in_json.decode()


@given(st.binary(max_size=200), st.text(st.characters(max_codepoint=127), max_size=20))
def test_any_bytes_and_any_declaration_give_text(data: bytes, declared: str) -> None:
    text, warnings = as_text(f"# coding: {declared}\n".encode() + data, is_script=True)
    text.encode("utf-8")
    assert "\r" not in text
    assert len(warnings) <= 2


def test_a_script_in_shift_jis_keeps_its_letters() -> None:
    read = reader.read((REPORTED / "shift_jis_cookie.txt").read_bytes(), ".py")
    (cell,) = read.code
    assert read.warnings == ()
    assert '\u898b\u51fa\u3057 = "\u7d50\u679c\u306e\u8868"' in cell.source
    compile(cell.source, "cell", "exec")
