"""File names that mean harm, and odd ones that are only words."""

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
