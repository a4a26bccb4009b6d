"""Text in which a reader may find something to follow."""

from collections.abc import Iterator

from tests.support.hostile.case import Bait, Case


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
