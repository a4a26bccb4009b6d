"""Playlists and lists that reach for other files and for the network."""

import struct
from collections.abc import Iterator

from tests.support.hostile.case import Bait, Case


def targets(bait: Bait) -> dict[str, str]:
    http = f"127.0.0.1:{bait.port}/x.ts"
    return {
        "file": f"file://{bait.secret}",
        "path": str(bait.secret),
        "near": bait.near,
        "up": f"../../../../../../../../{bait.secret}",
        "http": f"http://{http}",
        "https": f"https://{http}",
        "tcp": f"tcp://127.0.0.1:{bait.port}",
        "concat": f"concat:{bait.secret}|http://{http}",
        "subfile": f"subfile,,start,0,end,64,,:{bait.secret}",
        "crypto": f"crypto+file:{bait.secret}",
        "async": f"async:file:{bait.secret}",
        "cache": f"cache:http://{http}",
        "data": "data:text/plain;base64,aGFybQ==",
        "pipe": "pipe:0",
        "ftp": f"ftp://127.0.0.1:{bait.port}/x",
        "gopher": f"gopher://127.0.0.1:{bait.port}/_x",
        "rtmp": f"rtmp://127.0.0.1:{bait.port}/live/x",
        "udp": f"udp://127.0.0.1:{bait.port}",
        "unix": "unix:/var/run/docker.sock",
        "passwd": "file:///etc/passwd",
    }


def playlists(bait: Bait) -> Iterator[Case]:
    for name, target in targets(bait).items():
        text = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{target}\n#EXT-X-ENDLIST\n"
        yield Case(f"hls-{name}", "playlist", text.encode())
    inner = f"http://127.0.0.1:{bait.port}/inner.m3u8"
    forms = {
        "master": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{inner}\n",
        "master-file": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile://{bait.secret}\n",
        "key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{inner}"\n#EXTINF:1,\n{bait.near}\n#EXT-X-ENDLIST\n',
        "map": f'#EXTM3U\n#EXT-X-MAP:URI="file://{bait.secret}"\n#EXTINF:1,\n{bait.near}\n#EXT-X-ENDLIST\n',
        "media": f'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{inner}"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n{inner}\n',
        "byterange": f"#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:64@0\nfile://{bait.secret}\n#EXT-X-ENDLIST\n",
        "endless": "#EXTM3U\n" + f"#EXTINF:1,\n{inner}\n" * 5000,
        "bom": f"\ufeff#EXTM3U\n#EXTINF:1,\nfile://{bait.secret}\n#EXT-X-ENDLIST\n",
        "blank-lines": f"\n\n \t\n#EXTM3U\n#EXTINF:1,\nfile://{bait.secret}\n#EXT-X-ENDLIST\n",
        "behind-junk": f"x#EXTM3U\n#EXTINF:1,\nfile://{bait.secret}\n#EXT-X-ENDLIST\n",
    }
    for name, text in forms.items():
        yield Case(f"hls-{name}", "playlist", text.encode())
    lists = {
        "relative": f"ffconcat version 1.0\nfile '{bait.near}'\n",
        "absolute": f"ffconcat version 1.0\nfile '{bait.secret}'\n",
        "up": "ffconcat version 1.0\nfile '../../../etc/passwd'\n",
        "http": f"ffconcat version 1.0\nfile 'http://127.0.0.1:{bait.port}/x.mp4'\n",
        "itself": "ffconcat version 1.0\nfile 'clip.mp4'\nfile 'clip.mp4'\n",
        "options": f"ffconcat version 1.0\nfile '{bait.near}'\noption safe 0\noption protocol_whitelist file,http,tcp\n",
        "blank": f"\n\n ffconcat version 1.0\nfile '{bait.near}'\n",
    }
    for name, text in lists.items():
        yield Case(f"concat-{name}", "playlist", text.encode())
    dash = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S"><Period>{}</Period></MPD>'
    part = '<AdaptationSet><Representation id="1" mimeType="video/mp4" bandwidth="1"><BaseURL>{}</BaseURL><SegmentList><SegmentURL media="x.mp4"/></SegmentList></Representation></AdaptationSet>'
    for name in ("http", "file", "near", "concat"):
        yield Case(f"dash-{name}", "playlist", dash.format(part.format(targets(bait)[name])).encode())
    entity = f'<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY x SYSTEM "file://{bait.secret}">]>'
    yield Case("dash-entity", "playlist", (entity + dash.format("&x;")).encode())
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    yield Case("dash-billion-laughs", "playlist", f'<!DOCTYPE MPD [<!ENTITY e0 "x">{bomb}]><MPD>&e11;</MPD>'.encode())
    include = (
        f'<MPD xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file://{bait.secret}" parse="text"/></MPD>'
    )
    yield Case("dash-xinclude", "playlist", include.encode())


def disguised_lists(bait: Bait) -> Iterator[Case]:
    """Subtitles inside an AVI that a reader takes for a playlist of their own (CVE-2017-9993), and kin."""
    for name in ("http", "file", "concat"):
        inner = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{targets(bait)[name]}\n#EXT-X-ENDLIST\n".encode()
        gab2 = b"GAB2\0\2\0" + struct.pack("<I", 2) + b"x\0" + b"\4\0" + struct.pack("<I", len(inner)) + inner
        header = (
            b"avih" + struct.pack("<I", 56) + struct.pack("<14I", 40000, 0, 0, 0x10, 1, 0, 1, 0, 64, 48, 0, 0, 0, 0)
        )
        stream = b"strh" + struct.pack("<I", 56) + b"txts" + b"\0" * 52 + b"strf" + struct.pack("<I", 0)
        strl = b"LIST" + struct.pack("<I", len(stream) + 4) + b"strl" + stream
        hdrl = b"LIST" + struct.pack("<I", len(header + strl) + 4) + b"hdrl" + header + strl
        chunk = b"00tx" + struct.pack("<I", len(gab2)) + gab2 + b"\0" * (len(gab2) % 2)
        movi = b"LIST" + struct.pack("<I", len(chunk) + 4) + b"movi" + chunk
        body = b"AVI " + hdrl + movi
        yield Case(f"gab2-{name}", "playlist", b"RIFF" + struct.pack("<I", len(body)) + body, filename="clip.avi")
