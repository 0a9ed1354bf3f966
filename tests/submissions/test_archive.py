"""Archives from strangers cost only themselves and never touch the disk."""

from __future__ import annotations

import io
import stat
import struct
import time
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UnreadableFile
from autograder.notebooks.file_size import MAX_FILE_BYTES
from autograder.submissions.archive import Archive, Meter


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> Any:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def only_good(data: bytes) -> str:
    """Assert that good.py is the one member that is left; return the reason for the other."""
    archive = opened(data)
    assert [member.parts for member in archive.members] == [("good.py",)]
    assert archive.read(archive.members[0], Meter(100)) == b"x = 1"
    (flaw,) = archive.flawed
    return flaw.reason


GOOD = ("good.py", b"x = 1")


def test_members_are_read_in_memory() -> None:
    archive = opened(zipped(("ada/car_price.py", b"x = 1"), ("./b//c.py", b"y"), ("d/", b"")))
    assert [member.parts for member in archive.members] == [
        ("ada", "car_price.py"),
        ("b", "c.py"),
    ]
    assert [archive.read(member, Meter(100)) for member in archive.members] == [b"x = 1", b"y"]
    assert archive.flawed == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil.py", ".."),
        ("a/../../evil.py", ".."),
        ("/etc/evil.py", "absolute"),
        ("C:/evil.py", "absolute"),
        ("c:evil.py", "absolute"),
        ("a\\..\\evil.py", ".."),
        ("\\\\server\\evil.py", "absolute"),
        ("C:\\evil.py", "absolute"),
        ("/".join("a" * 40), "deep"),
    ],
)
def test_names_that_point_elsewhere_cost_only_themselves(name: Any, said: str) -> None:
    assert said in only_good(zipped((name, b"evil"), GOOD))


def test_a_nul_in_a_name_is_seen() -> None:
    data = zipped(("car_priceX.py", b"evil"), GOOD).replace(b"car_priceX.py", b"car_price\0.py")
    assert "NUL" in only_good(data)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK])
def test_links_and_devices_are_not_read(kind: Any) -> None:
    info = zipfile.ZipInfo("car_price.py")
    info.create_system = 3
    info.external_attr = (kind | 0o644) << 16
    assert "link or a device" in only_good(zipped((info, b"/etc/passwd"), GOOD))


def test_encrypted_members_are_named_as_such() -> None:
    data = bytearray(zipped(("locked.py", b"secret"), GOOD))
    flags = data.index(b"PK\x01\x02") + 8
    data[flags] |= 1
    assert "without a password" in only_good(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_whose_unpacking_has_no_bound_are_refused(method: Any) -> None:
    archive = opened(zipped(("a.py", b"0" * 1000), method=method))
    assert archive.members == ()
    assert "unusual method" in archive.flawed[0].reason


def test_a_file_over_the_cap_is_refused_by_its_stated_size() -> None:
    assert "20 MB" in only_good(zipped(("big.py", bytes(MAX_FILE_BYTES + 1)), GOOD))


def test_a_member_that_lies_about_its_size_yields_no_more_than_it_says() -> None:
    data = bytearray(zipped(("liar.py", bytes(5_000_000))))
    size = data.index(b"PK\x01\x02") + 24
    data[size : size + 4] = struct.pack("<I", 10)
    archive = opened(bytes(data))
    with pytest.raises(UnreadableFile, match="damaged"):
        archive.read(archive.members[0], Meter(100))


def test_a_damaged_member_costs_only_itself() -> None:
    data = zipped(("bad.py", b"abcdefgh"), GOOD, method=zipfile.ZIP_STORED)
    archive = opened(data.replace(b"abcdefgh", b"abcdefgX"))
    bad, good = archive.members
    with pytest.raises(UnreadableFile, match="check sum"):
        archive.read(bad, Meter(100))
    assert archive.read(good, Meter(100)) == b"x = 1"


def test_entries_that_share_bytes_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.py", bytes(1_000_000))
        archive.filelist.extend(archive.filelist * 500)
        archive.writestr("good.py", b"x = 1")
    found = opened(buffer.getvalue())
    assert [member.parts for member in found.members] == [("good.py",)]
    assert len(found.flawed) == 501


def test_a_meter_ends_a_bomb() -> None:
    archive = opened(zipped(*((f"{n}.py", bytes(1_000_000)) for n in range(10))))
    meter = Meter(3_500_000)
    for member in archive.members[:3]:
        archive.read(member, meter)
    with pytest.raises(UnreadableFile, match="zip bomb"):
        archive.read(archive.members[3], meter)


def test_a_bomb_leaves_everybody_else_their_share() -> None:
    meter = Meter(1_000_000, {"ada": 2_000_000, "eve": 10})
    for _ in range(3):
        meter.take(300_000, "eve")
    with pytest.raises(UnreadableFile, match="zip bomb"):
        meter.take(300_000, "eve")
    meter.take(2_000_000, "ada")
    with pytest.raises(UnreadableFile, match="zip bomb"):
        meter.take(1_000_000, "ada")  # of what is common, eve has left less


def test_a_million_entries_are_refused_at_once() -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 6, *[0] * 3, 1, *[0] * 4, 0, 0) + b"a"
    table = entry * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(table), 0, 0)
    began = time.process_time()
    with pytest.raises(UnreadableFile, match="table of contents"):
        opened(table + end)
    assert time.process_time() - began < 2


def test_too_many_entries_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"")
        archive.filelist.extend(archive.filelist * 20_000)
    with pytest.raises(UnreadableFile, match="20,001 entries"):
        opened(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK", b"\x1f\x8b tar", b"PK\x05\x06" + bytes(18)[:17]])
def test_what_is_no_zip_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"zip"):
        opened(data)


def test_umlauts_without_the_utf8_flag_are_repaired() -> None:
    info = zipfile.ZipInfo("M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller.py")
    data = bytearray(zipped((info, b"")))
    flags = data.index(b"PK\x01\x02") + 8
    data[flags : flags + 2] = b"\0\0"
    assert opened(bytes(data)).members[0].parts == (info.filename,)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("cp932", ["\u7530\u4e2d \u967d\u5b50_11_a/\u8868.py", "\u7d50\u679c\u306e\u8868_12/x.py"]),
        ("gb2312", ["\u738b\u4f1f_11_a/car_price.py", "\u674e\u5a1c_12_a/\u4f5c\u4e1a.py"]),
        ("cp950", ["\u6797\u6021\u541b_11_a/\u529f\u8ab2.py", "\u738b\u5049_12_a/x.py"]),
        ("cp949", ["\uae40\ubbfc\uc218_11_a/x.py", "\uc774\uc9c0\uc740_12_a/x.py"]),
        ("cp866", ["\u0414\u043c\u0438\u0442\u0440\u043e_11_a/x.py"]),
        ("cp437", ["Zo\u00eb M\u00fcller_11_a/x.py", "J\u00f6rg_12_a/x.py", "Andr\u00e9/x.py"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_names_of_windows_are_read_whole(code: str, names: list[str], separator: str) -> None:
    """The second half of a double-byte letter may be a backslash, which is no separator there."""
    data = unflagged({name.replace("/", separator).encode(code) for name in names})
    found = {"/".join(member.parts) for member in opened(data).members}
    assert found == set(names)


def unflagged(names: set[bytes]) -> bytes:
    """Return an archive whose names are these bytes, with nothing said of their code."""
    fakes = {f"{number:06}.py".rjust(len(name), "x"): name for number, name in enumerate(names)}
    data = zipped(*((fake, b"") for fake in fakes))
    for fake, name in fakes.items():
        data = data.replace(fake.encode(), name)
    return bytes(data)


def with_unicode_path(name: str, plain: str, checksum: int | None = None) -> bytes:
    """Return an archive whose entry is called `plain`, with `name` in Info-ZIP's field for it."""
    info = zipfile.ZipInfo(plain)
    crc = zlib.crc32(plain.encode()) if checksum is None else checksum
    field = struct.pack("<BI", 1, crc) + name.encode()
    info.extra = struct.pack("<HH", 0x7075, len(field)) + field
    return bytes(zipped((info, b"")))


def test_a_name_in_the_field_for_it_counts_where_it_is_that_entrys() -> None:
    name = "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}/a.py"
    data = with_unicode_path(name, "Zo_/a.py")
    assert opened(data).members[0].parts == tuple(name.split("/"))
    stale = with_unicode_path(name, "Zo_/a.py", checksum=1)
    assert opened(stale).members[0].parts == ("Zo_", "a.py")
    evil = with_unicode_path("../evil.py", "good.py")
    assert opened(evil).members == ()
    assert ".." in opened(evil).flawed[0].reason


@given(st.data())
def test_damage_anywhere_is_a_reason_and_never_an_exception(data: Any) -> None:
    raw = bytearray(zipped(("ada/car_price.ipynb", b"{}" * 200), GOOD))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    kept = bytes(raw[:cut]) if data.draw(st.booleans()) else bytes(raw)
    try:
        archive = opened(kept)
    except UnreadableFile:
        return
    for member in archive.members:
        assert ".." not in member.parts
        try:
            assert len(archive.read(member, Meter(MAX_FILE_BYTES))) <= MAX_FILE_BYTES
        except UnreadableFile:
            continue


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_names_come_out_as_relative_paths(names: Any) -> None:
    try:
        data = zipped(*((name, b"x") for name in dict.fromkeys(names) if name))
    except (UnicodeEncodeError, ValueError, IndexError):
        # zipfile itself cannot write such a name.
        return
    for member in opened(data).members:
        assert member.parts
        assert not set(member.parts) & {"", ".", ".."}
        assert not any(char in part for part in member.parts for char in "/\\\0")
