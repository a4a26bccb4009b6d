"""What people and attackers write into a file's tags."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, TAKEN, Bait, Case
from tests.support.hostile.clips import H264, honest, made
from tests.support.hostile.forms import box

#: What people and attackers write into a file's tags.
TITLES = {
    "html": "<script>alert('harm')</script><img src=x onerror=alert(1)>",
    "sql": "'); DROP TABLE media_app_mediaasset; --",
    "newlines": "one\r\nSet-Cookie: harm=1\r\n\r\n<html>",
    "control": "bell\x07 escape\x1b[2J back\x08space",
    "rtl": "\u202egpj.tset\u202c \u2066harm\u2069",
    "template": "{{ 7*7 }}{% debug %}${7*7}#{7*7}",
    "format": "%s%n%x{0.__class__}",
    "formula": "=cmd|'/c calc'!A1",
    "json": '"},"harm":{"x":"',
    "zero-width": "\u200b\ufeff\u00ad" * 20,
    "emoji": "👩‍👩‍👧‍👦" * 30,
    "long": "A" * 100_000,
    "path": "../../../../etc/passwd",
    "log4j": "${jndi:ldap://127.0.0.1/harm}",
}


def tagged(bait: Bait) -> Iterator[Case]:
    for name, title in TITLES.items():
        for filename, extra in (("clip.mp4", ("-movflags", "use_metadata_tags")), ("clip.mkv", ())):
            if name == "long" and filename == "clip.mkv":
                continue
            data = made(
                f"tag-{name}-{filename}", *H264, "-t", "0.4", "-c:a", "aac", *extra, "-metadata", f"title={title}",
                "-metadata", f"comment={title[:2000]}", "-metadata:s:v", f"handler_name={title[:200]}",
            )  # fmt: skip
            yield Case(f"tag-{name}-{filename}", "tag", data, TAKEN, filename)
    film = honest()["clip.mp4"]
    for name, value in (
        ("4-MB", b"A" * 4_000_000),
        ("broken-utf8", b"\xff\xfe\xc0\xaf" * 100),
        ("nuls", b"a\0b\0" * 100),
    ):
        tag = box(
            b"udta",
            box(
                b"meta",
                b"\0\0\0\0",
                box(b"hdlr", b"\0" * 8 + b"mdirappl" + b"\0" * 9),
                box(b"ilst", box(b"\xa9nam", box(b"data", b"\0\0\0\1\0\0\0\0" + value))),
            ),
        )
        moov = film.index(b"moov") - 4
        size = struct.unpack(">I", film[moov : moov + 4])[0]
        data = (
            film[:moov] + struct.pack(">I", size + len(tag)) + film[moov + 4 : moov + size] + tag + film[moov + size :]
        )
        yield Case(f"tag-{name}", "tag", data, TAKEN if moov > film.index(b"mdat") else EITHER)
