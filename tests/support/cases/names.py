"""Names of files that Linux allows and people use."""

from __future__ import annotations

from typing import Final

#: By what is unusual in them; bytes, as Linux keeps them.
NAMES: Final[dict[str, bytes]] = {
    "quotes": b'it\'s "quoted".mp4',
    "brackets": b"[in] (1) {x}.mp4",
    "number pattern": b"%03d.mp4",
    "glob": b"*?.mp4",
    "emoji": "🎬 film.mp4".encode(),
    "newline": b"two\nlines.mp4",
    "colon and comma": b"a:b,c;d=e.mp4",
    "backslash": b"a\\b.mp4",
    "dash": b"-i.mp4",
    "hash and question mark": b"a#b?c.mp4",
    "percent": b"100%25.mp4",
    "latin-1": b"caf\xe9.mp4",
    "not UTF-8": b"\xff\xfe\x80.mp4",
    "199 bytes": b"n" * 195 + b".mp4",
    "255 bytes": b"n" * 251 + b".mp4",
    "255 bytes of UTF-8": ("é" * 125).encode() + b"x.mp4",
    "spaces at the ends": b" a .mp4",
    "dots": b"..a..mp4",
}
