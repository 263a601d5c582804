"""debian:trixie-slim and its like, made on the spot where they cannot be pulled.

They go by their public names, so that Dockerfiles stay as they are everywhere. An image made here
installs packages from where this machine does; that is a fact of this machine, so the image is
kept in its engine and never published.
"""

from __future__ import annotations

import configparser
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import packages
from .commands import output, pipe
from .engine import MADE_HERE, Engine
from .errors import ClusterError
from .progress import step

_NAME = re.compile(r"debian:([a-z]+)-slim")
PUBLIC_MIRROR = "http://deb.debian.org/debian"
PUBLIC_SECURITY = "http://deb.debian.org/debian-security"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# What the public slim image leaves out, too.
_EXCLUDED = (
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/linda/*",
    "/usr/share/lintian/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
)
_APT_SETTINGS = """\
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
APT::AutoRemove::SuggestsImportant "false";
"""
# Of the machine's own settings, those without which its sources cannot be read.
_KEPT_SETTINGS = re.compile(
    r'^Acquire::((http|https)::Proxy|Check-Valid-Until|Check-Date|Retries) "(?!")', re.IGNORECASE
)


def release_of(image: str) -> str | None:
    """The Debian release of an image that can be made here, as in `debian:trixie-slim`; else None."""
    match = _NAME.fullmatch(image)
    return match.group(1) if match else None


def ensure(engine: Engine, image: str) -> None:
    """Have the image under its name: present, pulled or made. Raises ClusterError if none works."""
    if not engine.offers(image):
        release = release_of(image)
        if release is None:
            raise ClusterError(f"the image {image} cannot be pulled, and only debian:RELEASE-slim can be made here")
        _make(engine, image, release)


def _make(engine: Engine, image: str, release: str) -> None:
    if shutil.which("debootstrap") is None:
        packages.install(["debootstrap", "debian-archive-keyring"], "debootstrap (to make the base image)")
    with step(f"making {image}", "30 s"), tempfile.TemporaryDirectory(prefix="videojobs-") as scratch:
        root = Path(scratch) / "root"
        mirrors = debian_mirrors(apt_sources())
        mirror = mirrors[0] if mirrors else PUBLIC_MIRROR
        output(["debootstrap", "--variant=minbase", release, str(root), mirror, *script(release)])
        _configure(root, release)
        changes = ['CMD ["bash"]', f"ENV PATH={_PATH}", f"LABEL {MADE_HERE}=true"]
        change = [flag for one in changes for flag in ("--change", one)]
        pipe(
            ["tar", "--numeric-owner", "-C", str(root), "-c", "."],
            [str(engine.client), "import", *change, "-", image],
            env=engine.env,
        )


def script(release: str, scripts: Path = Path("/usr/share/debootstrap/scripts")) -> list[str]:
    """What debootstrap needs for a release that is newer than itself: the steps that every release since has shared."""
    return [] if (scripts / release).exists() else [str(scripts / "sid")]


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _configure(root: Path, release: str) -> None:
    """Make it slim, and let apt work in it as it does on this machine."""
    dpkg = [f"path-exclude {pattern}" for pattern in _EXCLUDED]
    dpkg.append("path-include /usr/share/doc/*/copyright")
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text("\n".join(dpkg) + "\n")
    settings = [line for line in output(["apt-config", "dump"]).splitlines() if kept_setting(line)]
    (root / "etc/apt/apt.conf.d/90docker").write_text(_APT_SETTINGS + "\n".join(settings) + "\n")
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    (root / "etc/apt/sources.list.d/debian.sources").write_text(
        deb822(release, debian_mirrors(apt_sources()), security_mirrors(apt_sources()))
    )
    for unneeded in ("var/lib/apt/lists", "var/cache/apt/archives", "var/log", "usr/share/locale"):
        shutil.rmtree(root / unneeded, ignore_errors=True)
        (root / unneeded).mkdir(parents=True)
    for folder in ("usr/share/man", "usr/share/info", "usr/share/lintian"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for document in (root / "usr/share/doc").glob("*/*"):
        if document.is_file() and document.name != "copyright":
            document.unlink()


def kept_setting(setting: str) -> bool:
    """Whether a line of `apt-config dump` is needed to reach the sources."""
    return _KEPT_SETTINGS.match(setting) is not None


def apt_sources() -> list[str]:
    """The addresses that this machine's apt takes packages from, when it is Debian's."""
    folder = Path("/etc/apt")
    lists = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]
    found = [one for path in lists if path.exists() for one in one_line_uris(path.read_text())]
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        found.extend(deb822_uris(path.read_text()))
    return found


def one_line_uris(text: str) -> list[str]:
    """Addresses in the format of sources.list: `deb [options] uri suite component...`."""
    return re.findall(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)", text, re.MULTILINE)


def deb822_uris(text: str) -> list[str]:
    """Addresses in the format of debian.sources: stanzas with `URIs:`, a blank line between."""
    found: list[str] = []
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        parser = configparser.RawConfigParser(delimiters=(":",), strict=False)
        try:
            parser.read_string("[source]\n" + "\n".join(lines))
        except configparser.Error as error:
            raise ClusterError(f"cannot read apt's sources: {error}") from error
        source = parser["source"]
        if "deb" in source.get("types", "").split() and source.get("enabled", "yes") != "no":
            found.extend(source.get("uris", "").split())
    return found


def debian_mirrors(uris: Iterable[str]) -> list[str]:
    """Those that serve Debian itself: by custom their path ends in /debian."""
    return _ending(uris, "/debian")


def security_mirrors(uris: Iterable[str]) -> list[str]:
    return _ending(uris, "/debian-security")


def _ending(uris: Iterable[str], path: str) -> list[str]:
    return list(dict.fromkeys(uri for uri in uris if uri.rstrip("/").endswith(path)))


def deb822(release: str, mirrors: Sequence[str], security: Sequence[str]) -> str:
    """The sources of the image: the release, its updates and its security updates."""
    stanza = "Types: deb\nURIs: {}\nSuites: {}\nComponents: main\nSigned-By: {}\n"
    base = stanza.format((mirrors or [PUBLIC_MIRROR])[0], f"{release} {release}-updates", KEYRING)
    fixes = stanza.format((security or [PUBLIC_SECURITY])[0], f"{release}-security", KEYRING)
    return f"{base}\n{fixes}"
