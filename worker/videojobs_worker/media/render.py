"""Render: scenes of any size, rate and sound, cut to the frame and joined, with or without transitions.

Every scene is brought to one shape (size, frame rate, pixel format, timebase, sound) before it is joined, since
``concat`` and ``xfade`` need equal inputs. Each scene is an input of its own with a fast seek.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_protocol.work import Container, MediaOutput, Render, Scene
from videojobs_worker.errors import JobError
from videojobs_worker.media import encoders
from videojobs_worker.media.picture import fit_filters, rate, target_size
from videojobs_worker.media.plan import Expectation, Input, Plan, Step, common_arguments, input_arguments
from videojobs_worker.media.transcode import video_of

#: Every scene is an open decoder; longer timelines are encoded in parts that are joined without encoding again.
SCENES_A_RUN: Final = 16
SUBTITLES: Final = "subtitles"
#: What is painted: libass reads it itself, while ffmpeg would look for playlists in it.
PAINTED: Final = "painted.ass"
#: How long a picture stream may be too short in seconds before its source counts as broken off.
HOLD_S: Final = 0.25
_SUBTITLE_DEMUXER: Final = {"srt": "srt", "ass": "ass", "vtt": "webvtt"}
_SOFT_CODEC: Final[dict[Container, str]] = {"mp4": "mov_text", "mkv": "srt", "webm": "webvtt"}


@dataclass(frozen=True)
class Cut:
    """A scene with its source, its length settled. Seconds."""

    source: Input
    start_s: float
    duration_s: float


@dataclass(frozen=True)
class Shape:
    """What every scene is brought to."""

    width: int
    height: int
    fps: float
    sound: bool


def plan_render(
    work: Render,
    sources: Sequence[Input],
    target: Path,
    scratch: Path,
    threads: int,
    *,
    subtitle_file: str = "",
    nvenc: bool = False,
) -> Plan:
    """The runs that make ``target``; ``sources`` are in the order of the scenes.

    Args:
        subtitle_file: name of the subtitles in the scratch folder, where the run takes place.

    Raises:
        JobError: SceneOutOfRange, NoVideoStream, TransitionTooLong, InvalidOutput.
    """
    cuts = [_cut(scene, source) for scene, source in zip(work.scenes, sources, strict=True)]
    shape = _shape(work.output, cuts)
    planner = _Planner(work, shape, threads, nvenc, subtitle_file)
    whole = len(cuts) <= SCENES_A_RUN or work.transition is not None
    runs = (planner.whole(cuts, target),) if whole else planner.parts(cuts, target, scratch)
    steps = (*planner.painting(), *runs)
    duration = sum(cut.duration_s for cut in cuts) - planner.overlap_s * (len(cuts) - 1)
    expected = Expectation(
        target,
        duration,
        (encoders.PROBE_NAMES[work.output.video.codec],),
        shape.sound,
        shape.width,
        shape.height,
    )
    return Plan(steps, (expected,), {} if whole else {"parts.txt": _parts_list(cuts)})


def _cut(scene: Scene, source: Input) -> Cut:
    length = source.info.duration_s or 0.0
    end = min(scene.end_s if scene.end_s is not None else length, length)
    if end <= scene.start_s:
        text = f"{source.uri} is {length:.3f} s long: a scene cannot start at {scene.start_s:g} s"
        raise JobError("SceneOutOfRange", text)
    return Cut(source, scene.start_s, end - scene.start_s)


def _shape(output: MediaOutput, cuts: Sequence[Cut]) -> Shape:
    first = video_of(cuts[0].source)
    width, height = target_size(first, output.video.width, output.video.height)
    sound = any(cut.source.info.audio for cut in cuts) and output.audio.codec != "none"
    return Shape(width, height, output.video.fps or min(first.fps, 60.0), sound)


class _Planner:
    """What all runs of one render share."""

    def __init__(self, work: Render, shape: Shape, threads: int, nvenc: bool, subtitle_file: str) -> None:
        if work.output.video.codec == "copy":
            text = f"{work.output.uri}: a render encodes: choose h264, h265, vp9 or av1 instead of copy"
            raise JobError("InvalidOutput", text)
        self.output, self.shape, self.threads, self.nvenc = work.output, shape, threads, nvenc
        self.container = encoders.container_of(work.output)
        self.transition = work.transition
        self.overlap_s = work.transition.duration_s if work.transition else 0.0
        self.subtitle_file = subtitle_file
        self.burn = bool(work.subtitles and work.subtitles.mode == "Burn")

    def whole(self, cuts: Sequence[Cut], target: Path) -> Step:
        """All scenes in one run."""
        soft = self._soft_inputs()
        graph = self._graph(cuts, self.burn)
        arguments = (
            *common_arguments(self.threads), *self._inputs(cuts), *soft,
            "-filter_complex", graph, *self._maps(len(cuts) if soft else None),
            *encoders.video_arguments(self.output, self.container, self.threads, nvenc=self.nvenc),
            *(encoders.audio_arguments(self.output, self.container) if self.shape.sound else ("-an",)),
            *encoders.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        duration = sum(cut.duration_s for cut in cuts) - self.overlap_s * (len(cuts) - 1)
        return Step(arguments, duration, least_frames=self._least_frames(cuts, duration))

    def parts(self, cuts: Sequence[Cut], target: Path, scratch: Path) -> tuple[Step, ...]:
        """Groups of scenes, then one run that joins them: the sound is encoded once, so it has no gaps."""
        steps = []
        for number, group in enumerate(_groups(cuts)):
            part = MediaOutput(self.output.uri, "mkv", self.output.video)
            arguments = (
                *common_arguments(self.threads), *self._inputs(group),
                "-filter_complex", self._graph(group, burn=False), *self._maps(None),
                *encoders.video_arguments(part, "mkv", self.threads, nvenc=self.nvenc),
                *(("-c:a", "pcm_s16le") if self.shape.sound else ("-an",)),
                "-f", "matroska", f"file:{scratch / _part_name(number)}",
            )  # fmt: skip
            duration = sum(cut.duration_s for cut in group)
            steps.append(Step(arguments, duration, least_frames=self._least_frames(group, duration)))
        return (*steps, self._join(cuts, target, scratch))

    def _join(self, cuts: Sequence[Cut], target: Path, scratch: Path) -> Step:
        soft = self._soft_inputs()
        burn = ("-vf", f"ass={PAINTED}") if self.burn else ()
        video = ("-c:v", "copy")
        if self.burn:
            video = encoders.video_arguments(self.output, self.container, self.threads, nvenc=self.nvenc)  # type: ignore[assignment]
        elif self.output.video.codec == "h265" and self.container == "mp4":
            video = ("-c:v", "copy", "-tag:v", "hvc1")  # type: ignore[assignment]
        maps = ["-map", "0:v:0", "-map", "0:a:0?", *(["-map", "1:s:0"] if soft else [])]
        arguments = (
            *common_arguments(self.threads), "-protocol_whitelist", "file", "-f", "concat", "-safe", "0",
            "-i", f"file:{scratch / 'parts.txt'}", *soft, *maps, *burn, *video,
            *(encoders.audio_arguments(self.output, self.container) if self.shape.sound else ("-an",)),
            *(("-c:s", _SOFT_CODEC[self.container]) if soft else ()),
            *encoders.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        return Step(arguments, sum(cut.duration_s for cut in cuts), "Joining")

    def _least_frames(self, cuts: Sequence[Cut], duration_s: float) -> int:
        """A frame may be rounded away at each cut and each blend."""
        return int(duration_s * self.shape.fps) - 2 * len(cuts)

    def _inputs(self, cuts: Sequence[Cut]) -> list[str]:
        arguments: list[str] = []
        for cut in cuts:
            seek = ("-ss", f"{cut.start_s:.6f}", "-t", f"{cut.duration_s:.6f}")
            arguments += input_arguments(cut.source.path, self.threads, *seek)
        return arguments

    def _soft_inputs(self) -> tuple[str, ...]:
        if not self.subtitle_file or self.burn:
            return ()
        return self._read_subtitles()

    def _read_subtitles(self) -> tuple[str, ...]:
        """As what their name says and nothing else: text can look like a playlist, which opens other files."""
        demuxer = _SUBTITLE_DEMUXER[self.subtitle_file.rpartition(".")[2]]
        return ("-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{self.subtitle_file}")

    def painting(self) -> tuple[Step, ...]:
        """The run that prepares subtitles to be painted."""
        if not self.burn:
            return ()
        arguments = (*common_arguments(self.threads), *self._read_subtitles(), "-f", "ass", f"file:{PAINTED}")
        return (Step(arguments, 0.0, "Reading subtitles", failure="SubtitlesInvalid"),)

    def _maps(self, subtitles_input: int | None) -> list[str]:
        sound = ["-map", "[a]"] if self.shape.sound else []
        if subtitles_input is None:
            return ["-map", "[v]", *sound]
        soft = ["-map", f"{subtitles_input}:s:0", "-c:s", _SOFT_CODEC[self.container]]
        return ["-map", "[v]", *sound, *soft]

    def _graph(self, cuts: Sequence[Cut], burn: bool) -> str:
        chains = [self._scene_chain(number, cut) for number, cut in enumerate(cuts)]
        fade = self.transition if len(cuts) > 1 else None
        joined = self._faded(cuts, fade.type) if fade else self._joined(len(cuts))
        last = f"[joined]ass={PAINTED}[v]" if burn else "[joined]null[v]"
        return ";".join([*chains, *joined, last])

    def _scene_chain(self, number: int, cut: Cut) -> str:
        shape, length = self.shape, f"{cut.duration_s:.6f}"
        fit = ",".join(fit_filters(video_of(cut.source), (shape.width, shape.height)))
        # The last frame is held while the sound goes on, then everything is cut to the same length.
        picture = (
            f"[{number}:v:0]{fit},fps={rate(shape.fps)},format=yuv420p,"
            f"tpad=stop_mode=clone:stop_duration={_hold_s(cut):.6f},"
            f"trim=duration={length},setpts=PTS-STARTPTS,settb=AVTB[v{number}]"
        )
        if not shape.sound:
            return picture
        sound = "anullsrc=r=48000:cl=stereo"
        if cut.source.info.audio:
            sound = f"[{number}:a:0]aresample=48000:async=1:first_pts=0"
        ending = f"aformat=sample_fmts=fltp:channel_layouts=stereo,apad,atrim=duration={length},asetpts=PTS-STARTPTS"
        return f"{picture};{sound},{ending}[a{number}]"

    def _joined(self, count: int) -> list[str]:
        sound = self.shape.sound
        labels = "".join(f"[v{number}]" + (f"[a{number}]" if sound else "") for number in range(count))
        outputs = "[joined][a]" if sound else "[joined]"
        return [f"{labels}concat=n={count}:v=1:a={int(sound)}{outputs}"]

    def _faded(self, cuts: Sequence[Cut], kind: str) -> list[str]:
        chains: list[str] = []
        picture, sound, offset = "[v0]", "[a0]", 0.0
        for number in range(1, len(cuts)):
            offset += self._before_blend(cuts, number)
            last = number == len(cuts) - 1
            to_picture, to_sound = ("[joined]", "[a]") if last else (f"[x{number}]", f"[y{number}]")
            blend = f"xfade=transition={kind}:duration={self.overlap_s:.6f}:offset={offset:.6f}"
            chains.append(f"{picture}[v{number}]{blend}{to_picture}")
            if self.shape.sound:
                chains.append(f"{sound}[a{number}]acrossfade=d={self.overlap_s:.6f}{to_sound}")
            picture, sound = to_picture, to_sound
        return chains

    def _before_blend(self, cuts: Sequence[Cut], number: int) -> float:
        shorter = min(cuts[number - 1].duration_s, cuts[number].duration_s)
        if self.overlap_s >= shorter:
            text = (
                f"the transition of {self.overlap_s:g} s is not shorter than a scene of {shorter:g} s: "
                "shorten the transition or lengthen the scene"
            )
            raise JobError("TransitionTooLong", text)
        return cuts[number - 1].duration_s - self.overlap_s


def _hold_s(cut: Cut) -> float:
    """How long the last frame may be held: while the sound goes on, and a little."""
    shown_s = video_of(cut.source).duration_s
    if shown_s is None:
        return 1.0
    return HOLD_S + min(cut.duration_s, max(0.0, cut.start_s + cut.duration_s - shown_s))


def _groups(cuts: Sequence[Cut]) -> list[Sequence[Cut]]:
    return [cuts[at : at + SCENES_A_RUN] for at in range(0, len(cuts), SCENES_A_RUN)]


def _part_name(number: int) -> str:
    return f"part-{number:04d}.mkv"


def _parts_list(cuts: Sequence[Cut]) -> str:
    return "".join(f"file '{_part_name(number)}'\n" for number in range(len(_groups(cuts))))
