"""A corpus of hostile media, names and addresses, made by a script: what the internet sends to video services.

Each case is a piece of work over files in a folder; ``canary`` is a film outside all roots, ``web`` the address of a
server that nobody may ask, ``attacker`` a server that may be asked and means no good. The known tricks: playlists and
scripts that name other files (HLS, concat, DASH, SDP), ffmpeg's protocols in names, names that look like options or
filters, pictures with external entities, films that refer to others, headers that promise gigapixels, servers that lead
astray or never end, links, devices, subtitles with overrides, and addresses in their many spellings.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from tests.support import clips
from tests.support.web_server import Resource, WebServer
from videojobs_protocol.work import MediaOutput, Preview, Render, Scene, Subtitles, Transcode, VideoSettings, Work


@dataclass(frozen=True)
class Ground:
    """Where the corpus is made."""

    folder: Path
    canary: Path
    web: str
    attacker: WebServer

    def uri(self, name: str) -> str:
        return f"file://{self.folder}/{quote(name)}"


#: Writes a file's content, or makes something else, at a path.
Maker = Callable[[Ground, Path], None]


@dataclass(frozen=True)
class Case:
    """``reason`` is how it ends, ``None`` where it is harmless and done."""

    name: str
    work: Callable[[Ground], Work]
    reason: str | None
    make: Callable[[Ground], None] = lambda _: None


def transcode(uri: str, output: str) -> Transcode:
    return Transcode(uri, (MediaOutput(output, "mp4", VideoSettings(height=90)),))


def source(name: str, reason: str | None, maker: Maker, file: str) -> Case:
    """A file that is transcoded."""
    return Case(
        name,
        lambda ground: transcode(ground.uri(file), ground.uri("out.mp4")),
        reason,
        lambda ground: maker(ground, ground.folder / file),
    )


def text(content: str) -> Maker:
    """A text; ``{canary}`` and ``{web}`` are filled in."""

    def write(ground: Ground, path: Path) -> None:
        path.write_text(content.replace("{canary}", str(ground.canary)).replace("{web}", ground.web))

    return write


def data(content: bytes) -> Maker:
    return lambda _, path: void(path.write_bytes(content))


def link(target: str) -> Maker:
    return lambda ground, path: path.symlink_to(target.replace("{canary}", str(ground.canary)))


def void(_: object) -> None:
    return None


def film(_: Ground, path: Path) -> None:
    """A good film under a bad name."""
    good = path.with_name("good-for-names.mp4")
    if not good.exists():
        clips.clip(good, seconds=1)
    shutil.copyfile(good, path)


REFERENCES = {
    "path": "{canary}",
    "file": "file://{canary}",
    "dots": "../../../../../../../../..{canary}",
    "concat": "concat:{canary}|{canary}",
    "subfile": "subfile,,start,0,end,0,,:{canary}",
    "crypto": "crypto+file:{canary}",
    "cache": "cache:file:{canary}",
    "http": "{web}/a.ts",
    "tcp": "tcp://{web}",
    "data": "data:video/mp4;base64,AAAA",
}


def playlists() -> Iterator[Case]:
    hls = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n{}\n#EXT-X-ENDLIST\n"
    master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{}"\n'
    key = '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXT-X-MAP:URI="{}"\n#EXTINF:1,\nx.ts\n#EXT-X-ENDLIST\n'
    concat = "ffconcat version 1.0\nfile '{}'\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S">'
        "<Period><AdaptationSet><Representation><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    for name, reference in REFERENCES.items():
        yield source(f"hls {name}", "SourceNotMedia", text(hls.format(reference)), f"hls-{name}.mp4")
        yield source(f"concat {name}", "SourceNotMedia", text(concat.format(reference)), f"concat-{name}.mkv")
    for name in ("file", "http"):
        reference = REFERENCES[name]
        yield source(f"hls as m3u8 {name}", "SourceNotMedia", text(hls.format(reference)), f"plain-{name}.m3u8")
        yield source(
            f"hls master {name}", "SourceNotMedia", text(master.format(reference, reference)), f"m-{name}.m3u8"
        )
        yield source(f"hls key {name}", "SourceNotMedia", text(key.format(reference, reference)), f"key-{name}.ts")
        yield source(f"dash {name}", "SourceNotMedia", text(dash.format(reference)), f"dash-{name}.mpd")
    sdp = (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )
    yield source("sdp", "SourceNotMedia", text(sdp), "session.sdp")
    yield source("asx", "SourceNotMedia", text('<asx version="3"><entry><ref href="{web}/a"/></entry></asx>'), "a.asx")
    yield source("ram", "SourceNotMedia", text("rtsp://{web}/a\n"), "a.ram")
    yield source("avisynth", "SourceNotMedia", text('FFVideoSource("{canary}")'), "script.avs")
    yield source("playlist in an avi", "NoVideoStream", gab2, "gab2.avi")


def gab2(ground: Ground, path: Path) -> None:
    """A playlist in the subtitle packet of an AVI, the trick of CVE-2017-9993."""
    playlist = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile://{ground.canary}\n#EXT-X-ENDLIST\n".encode()
    packet = b"GAB2\x00\x02\x00" + struct.pack("<I", 2) + b"\x00\x00" + struct.pack("<HI", 4, len(playlist)) + playlist
    header = struct.pack("<4s4sIIHHIIIIIIIIhhhh", b"txts", b"\0" * 4, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    strl = chunk(b"LIST", b"strl" + chunk(b"strh", header) + chunk(b"strf", b""))
    hdrl = chunk(b"LIST", b"hdrl" + chunk(b"avih", struct.pack("<14I", *[0] * 6, 1, *[0] * 7)) + strl)
    path.write_bytes(chunk(b"RIFF", b"AVI " + hdrl + chunk(b"LIST", b"movi" + chunk(b"00tx", packet))))


def references() -> Iterator[Case]:
    """A track's data may lie in another file (ISO/IEC 14496-12, 8.7.2); where that is heeded, there is none here."""
    yield source("mov alias", "SourceCorrupt", referring(alias), "alias.mp4")
    yield source("mov url file", None, referring(lambda ground: box(b"url ", f"file://{ground.canary}")), "url.mp4")
    yield source("mov url http", None, referring(lambda ground: box(b"url ", f"{ground.web}/a.mp4")), "http.mp4")


def referring(entry: Callable[[Ground], bytes]) -> Maker:
    """A film whose tracks refer to another file."""

    def write(ground: Ground, path: Path) -> None:
        film(ground, path)
        path.write_bytes(b"".join(referred(path.read_bytes(), entry(ground))))

    return write


def referred(data: bytes, entry: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        if name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            body = b"".join(referred(body, entry))
        elif name == b"dref":
            body = struct.pack(">II", 0, 1) + entry
        yield struct.pack(">I4s", len(body) + 8, name) + body
        at += size


def box(name: bytes, text: str) -> bytes:
    body = bytes(4) + text.encode() + b"\0"
    return struct.pack(">I4s", len(body) + 8, name) + body


def alias(ground: Ground) -> bytes:
    """A Macintosh alias, absolute and from thirty folders up: ffmpeg opens it where ``-enable_drefs`` is given."""
    target = os.fsencode(ground.canary)
    name = ground.canary.name.encode()
    record = bytes(10) + b"\x04disk".ljust(28, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    levels = bytes(16) + struct.pack(">HH", 30, target.count(b"/")) + bytes(16)
    path = struct.pack(">HH", 2, len(target)) + target + b"\0" * (len(target) % 2)
    body = bytes(4) + record + levels + path + struct.pack(">HH", 0xFFFF, 0)
    return struct.pack(">I4s", len(body) + 8, b"alis") + body


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def names() -> Iterator[Case]:
    """Good films whose names mean something to a shell, to ffmpeg, or to a filter graph: they are only names."""
    bad = [
        "-i.mp4", "-y", "--help.mp4", "concat:a|b.mp4", "pipe:0", "file:x.mp4", "http:x.mp4", "%03d.mp4", "a*b?[c].mp4",
        "';movie=x,'.mp4", "[in]scale=1:1[out].mp4", "$(touch x).mp4", "a\nb.mp4", "a\\b:c,d=e.mp4", "\u202efdp.mp4",
    ]  # fmt: skip
    for number, name in enumerate(bad):
        yield source(f"name {number} {name!r}", None, film, name)


def headers() -> Iterator[Case]:
    side = 100_000
    ihdr = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", ihdr)
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + png_chunk(b"IEND", b"")
    )
    gif = (
        b"GIF89a"
        + struct.pack("<HH", 65535, 65535)
        + b"\xf7\0\0"
        + b"\0" * 768
        + b","
        + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
        + b"\x08\0;"
    )
    jpg = (
        b"\xff\xd8\xff\xc0\x00\x11\x08"
        + struct.pack(">HH", 65500, 65500)
        + b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9"
    )
    bmp = (
        b"BM"
        + struct.pack("<IHHI", 100, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    y4m = b"YUV4MPEG2 W1000000 H1000000 F25:1 Ip C420\nFRAME\n"
    for name, content in {"png": png, "gif": gif, "jpg": jpg, "bmp": bmp, "y4m": y4m}.items():
        yield source(f"gigapixel {name}", "SourceNotMedia", data(content), f"giga.{name}")
    half = png.replace(ihdr, struct.pack(">IIBBBBB", 14_000, 12_000, 8, 0, 0, 0, 0))
    yield source("picture of 168 megapixels", "SourceTooLarge", data(half), "large.png")
    yield source("many streams", "SourceNotMedia", many_streams, "streams.avi")
    yield source("noise", "SourceNotMedia", data(bytes(range(256)) * 4000), "noise.mp4")
    yield source("zeros without end", "SourceNotMedia", sparse, "sparse.mp4")
    yield source("boxes in boxes", "SourceNotMedia", data(nested()), "nested.mp4")


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def many_streams(_: Ground, path: Path) -> None:
    header = struct.pack("<4s4sIIHHIIIIIIIIhhhh", b"vids", b"H264", 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    strl = chunk(b"LIST", b"strl" + chunk(b"strh", header) + chunk(b"strf", b"\0" * 40))
    hdrl = chunk(b"LIST", b"hdrl" + chunk(b"avih", struct.pack("<14I", *[0] * 6, 9_999, *[0] * 7)) + strl * 9_999)
    path.write_bytes(chunk(b"RIFF", b"AVI " + hdrl + chunk(b"LIST", b"movi")))


def sparse(_: Ground, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def nested() -> bytes:
    body = b""
    for _ in range(5_000):
        body = struct.pack(">I", len(body) + 8) + b"moov" + body
    return struct.pack(">I", 16) + b"ftypisom\0\0\0\0" + body


def pictures() -> Iterator[Case]:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    image = f'<svg {spaces} width="64" height="64">{{}}</svg>'
    yield source("svg file", "SourceNotMedia", text(image.format('<image xlink:href="file://{canary}"/>')), "file.svg")
    yield source("svg http", "SourceNotMedia", text(image.format('<image xlink:href="{web}/a.png"/>')), "http.svg")
    entity = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{canary}">]>' + image.format("<text>&x;</text>")
    yield source("svg entity", "SourceNotMedia", text(entity), "entity.svg")


def places() -> Iterator[Case]:
    yield source("link out", "PathNotAllowed", link("{canary}"), "link.mp4")
    yield source("link to a folder", "PathNotAllowed", link("/etc"), "etc.mp4")
    yield source("link to itself", "SourceNotReadable", link("self.mp4"), "self.mp4")
    yield source("link to nothing", "SourceNotFound", link("nothing.mp4"), "broken.mp4")
    yield source("pipe", "SourceNotMedia", lambda _, path: os.mkfifo(path), "pipe.mp4")
    yield source("zero", "PathNotAllowed", link("/dev/zero"), "zero.mp4")
    for uri in (
        "file:///dev/zero", "file:///dev/stdin", "file:///proc/self/environ", "file:///proc/self/fd/0", "file:///etc/shadow",
        "file://localhost/etc/passwd", "file:////etc/passwd", "/etc/passwd", "concat:/etc/passwd", "pipe:0",
        "lavfi:movie=/etc/passwd", "subfile,,start,0,end,0,,:/etc/passwd", "gopher://localhost/x", "ftp://localhost/x",
        "FILE:///etc/passwd", "data:video/mp4;base64,AAAA", "file:///media/%00/etc/passwd", "-i", "",
    ):  # fmt: skip
        yield Case(f"uri {uri!r}", lambda ground, uri=uri: transcode(uri, ground.uri("out.mp4")), "PathNotAllowed")  # type: ignore[misc]
    yield Case(
        "dots",
        lambda ground: transcode(ground.uri("x") + "/../../secret/canary.mp4", ground.uri("out.mp4")),
        "PathNotAllowed",
    )


def addresses() -> Iterator[Case]:
    for host in (
        "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.1", "2130706433",  # noqa: S104
        "0x7f000001", "0177.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "10.96.0.1", "100.64.0.1", "[fe80::1]",
        "LOCALHOST", "localhost.",
    ):  # fmt: skip
        yield Case(
            f"address {host}",
            lambda ground, host=host: transcode(  # type: ignore[misc]
                f"http://{host}:{ground.web.rpartition(':')[2]}/a.mp4", ground.uri("out.mp4")
            ),
            "PathNotAllowed",
        )


def servers() -> Iterator[Case]:
    """What a server that may be asked can answer: it leads nowhere else, whether all of it is fetched or pieces."""
    hls = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n{}\n#EXT-X-ENDLIST\n"
    for name, place in {
        "server": "{web}/a.mp4", "name": "{web_by_name}/a.mp4", "file": "file://{canary}",
        "metadata": "http://169.254.169.254/latest/meta-data/", "protocol": "tcp://{web}", "loop": "/x",
    }.items():  # fmt: skip
        reason = "SourceNotReadable" if name == "loop" else "PathNotAllowed"
        yield from served(f"redirect to {name}", reason, Resource(status=302, location=place))
    for name, reference in REFERENCES.items():
        yield from served(f"served hls {name}", "SourceNotMedia", Resource(hls.format(reference).encode()))
    yield from served("endless", "SourceTooLarge", Resource(endless=True))
    yield from served("promises too much", "SourceTooLarge", Resource(bytes(1 << 25)))


def served(name: str, reason: str, resource: Resource) -> Iterator[Case]:
    def make(ground: Ground) -> None:
        words = {
            "canary": ground.canary,
            "web": ground.web,
            "web_by_name": ground.web.replace("127.0.0.1", "localhost"),
        }
        location, body = resource.location, resource.body
        for word, value in words.items():
            location = location.replace(f"{{{word}}}", str(value))
            body = body.replace(f"{{{word}}}".encode(), str(value).encode())
        ground.attacker.resources["/x"] = replace(resource, location=location, body=body)

    def preview(ground: Ground) -> Work:
        return Preview(ground.attacker.url("/x"), ground.uri("frames"), 1)

    yield Case(name, lambda ground: transcode(ground.attacker.url("/x"), ground.uri("out.mp4")), reason, make)
    yield Case(f"{name}, for a preview", preview, reason, make)


def subtitles() -> Iterator[Case]:
    srt = "1\n00:00:00,000 --> 00:00:01,000\n{}\n"
    lines = {
        "override": r"{\fnArial\fs9999\p1}m 0 0 l 99999 0 99999 99999{\p0}",
        "font": '<font face="{canary}" size="9999" color="javascript:x">x</font>',
        "filter": "';movie={canary},'[out]",
        "drawtext": r"%{pts} %{localtime} %{metadata:x} \\N \n",
    }
    for name, line in lines.items():
        yield subtitled(f"srt {name}", None, text(srt.format(line)), f"{name}.srt")
    ass = (
        "[Script Info]\nPlayResX: 2147483647\nPlayResY: 2147483647\n[Fonts]\nfontname: {canary}\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,99999:00:00.00,Default,{\\fn{canary}}x\n"
    )
    yield subtitled("ass fonts", None, text(ass), "fonts.ass")
    yield subtitled(
        "vtt script",
        None,
        text("WEBVTT\n\nSTYLE\n::cue{background:url({web}/x)}\n\n00:00.000 --> 00:01.000\n<script>x\n"),
        "x.vtt",
    )
    yield subtitled("srt is a playlist", "SubtitlesInvalid", text("#EXTM3U\n#EXTINF:1,\nfile://{canary}\n"), "list.srt")
    yield subtitled("srt is a link", "PathNotAllowed", link("{canary}"), "link.srt")
    yield subtitled("srt without end", "SubtitlesInvalid", sparse, "sparse.srt")
    yield subtitled("srt is noise", "SubtitlesInvalid", data(bytes(range(256)) * 100), "noise.srt")


def subtitled(name: str, reason: str | None, maker: Maker, file: str) -> Case:
    def make(ground: Ground) -> None:
        film(ground, ground.folder / "good.mp4")
        maker(ground, ground.folder / file)

    def work(ground: Ground) -> Work:
        output = MediaOutput(ground.uri("out.mp4"), video=VideoSettings(height=90))
        return Render((Scene(ground.uri("good.mp4")),), output, None, Subtitles(ground.uri(file)))

    return Case(name, work, reason, make)


def outputs() -> Iterator[Case]:
    def to(output: str) -> Callable[[Ground], Work]:
        return lambda ground: transcode(ground.uri("good.mp4"), output.replace("{folder}", str(ground.folder)))

    def make(ground: Ground) -> None:
        film(ground, ground.folder / "good.mp4")
        (ground.folder / "away").symlink_to("/etc")
        (ground.folder / "device.mp4").symlink_to("/dev/null")

    for name, output, reason in (
        ("out of the roots", "file:///etc/cron.d/x.mp4", "PathNotAllowed"),
        ("through a linked folder", "file://{folder}/away/x.mp4", "PathNotAllowed"),
        ("onto a link", "file://{folder}/device.mp4", "OutputNotWritable"),
        ("with dots", "file://{folder}/x/../../x.mp4", "PathNotAllowed"),
        ("to a server", "http://localhost/x.mp4", "PathNotAllowed"),
        ("to a protocol", "tcp://localhost:1/x.mp4", "PathNotAllowed"),
    ):
        yield Case(f"output {name}", to(output), reason, make)
    preview = lambda ground: Preview(ground.uri("good.mp4"), f"file://{ground.folder}/away", 1)  # noqa: E731
    yield Case("frames through a linked folder", preview, "PathNotAllowed", make)


def corpus() -> list[Case]:
    """All cases."""
    parts = (playlists, references, names, headers, pictures, places, addresses, servers, subtitles, outputs)
    return [case for part in parts for case in part()]
