"""Atoms, chunks and elements, written by hand."""

import re
import struct


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I", len(body) + 8) + name + body


def ebml(ident: int, body: bytes, size: int | None = None) -> bytes:
    """An element of Matroska; `size` lies about its length."""
    length = len(body) if size is None else size
    name = ident.to_bytes((ident.bit_length() + 7) // 8, "big")
    return name + (0x01_00_00_00_00_00_00_00 | length).to_bytes(8, "big") + body


def wav(
    *, rate=48000, channels=1, bits=16, tag=1, align=None, data=b"\0" * 9600, data_size=None, riff_size=None, more=b""
) -> bytes:
    align = channels * bits // 8 % 65536 if align is None else align
    form = struct.pack("<HHIIHH", tag, channels % 65536, rate % 2**32, rate * align % 2**32, align, bits)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form + more
    chunks += b"data" + struct.pack("<I", len(data) if data_size is None else data_size) + data
    return b"RIFF" + struct.pack("<I", len(chunks) if riff_size is None else riff_size) + chunks


def patched(data: bytes, box_name: bytes, at: int, new: bytes, *, which: int = 0) -> bytes:
    """`new` over the bytes that lie `at` after the name of the `which`-th box of that name."""
    places = [found.start() for found in re.finditer(re.escape(box_name), data)]
    start = places[which] + 4 + at
    return data[:start] + new + data[start + len(new) :]
