"""From a piece of work to verified files that nobody can see yet: fetch, probe, plan, run, verify."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from videojobs_protocol.progress import Output
from videojobs_protocol.work import Caption, Preview, Render, Transcode
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.plan import Plan
from videojobs_worker.media.preview.pictures import output_names
from videojobs_worker.media.render.scenes import ending_early
from videojobs_worker.media.render.subtitles import MAX_SUBTITLE_BYTES, SUBTITLES, has_cues, undecodable_line
from videojobs_worker.media.source import Source
from videojobs_worker.media.transcode.outputs import choice_of, left_out, plan_transcode, ways
from videojobs_worker.pipeline.execution import RUN_SHARE, Making, carry_out, prepare
from videojobs_worker.pipeline.footprint import needs_of
from videojobs_worker.pipeline.inspection import checksum, inspect
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.opening import opened_in_place
from videojobs_worker.pipeline.previews import take_pictures
from videojobs_worker.pipeline.remux import UNINDEXED, index_path, indexed
from videojobs_worker.pipeline.render_planning import Rendering
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.prober import AHEAD
from videojobs_worker.process.processors import thread_count
from videojobs_worker.settings import Settings
from videojobs_worker.speech.captions import extract_audio, write_captions
from videojobs_worker.speech.models import Models
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.origin import shown
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.target import StagedOutput, Target

#: How often a long fetch is told of.
FETCH_INTERVAL_S = 1.0
#: Percent of a caption at which its sound is extracted.
LISTEN_FROM = 5.0
_SUBTITLE_ENDINGS = (".srt", ".ass", ".vtt")


def places_of(settings: Settings) -> Places:
    """What jobs of a worker may read and write."""
    return Places(settings.roots, settings.reach, settings.max_source_bytes)


def targets_of(job: Job, places: Places) -> list[Target]:
    """Where the job's outputs will be, in order; folders of files are made.

    Raises:
        JobError: PathNotAllowed, InvalidOutput, OutputNotWritable, DiskFull, StorageUnavailable.
    """
    work = job.work
    match work:
        case Transcode():
            return _distinct([places.target(output.uri) for output in work.outputs])
        case Render():
            return [places.target(work.output.uri)]
        case Caption():
            return [places.target(work.output_uri)]
        case Preview():
            return places.targets(work.output_uri, output_names(work))


def _distinct(targets: list[Target]) -> list[Target]:
    for number, target in enumerate(targets):
        if target in targets[:number]:
            text = f"outputs[{number}]: {target.uri} is the name of an output before it: give each its own"
            raise JobError("InvalidOutput", text)
    return targets


def make(making: Making, targets: Sequence[Target]) -> list[StagedOutput]:
    """Make, verify and stage every output.

    Raises:
        JobError: what went wrong, in the reader's words.
    """
    job = making.job
    drafts = [target.draft(job.job_id, job.run, making.scratch) for target in targets]
    if isinstance(job.work, Caption):
        return _captions(making, job.work, drafts[0], targets[0])
    if isinstance(job.work, Preview):
        with opened_in_place(making, places_of(making.settings), job.work.uri) as opened:
            source = opened or _sources(making, [job.work.uri], drafts)[0]
            if opened:  # what was fetched has asked for its room already
                making.room(needs_of(job.work, [source], drafts, making.scratch))
            expectations = take_pictures(making, job.work, source, drafts)
        return inspect(expectations, targets, job)
    plan = _plan(making, drafts)
    made = _carried_out(making, plan, targets)
    making.stopper.check()
    return made


def _carried_out(making: Making, plan: Plan, targets: Sequence[Target]) -> list[StagedOutput]:
    """Run a plan and inspect what it made; where that fails and there is another way, go that."""
    try:
        return _made(making, plan, targets)
    except StoppedError:
        raise
    except JobError as error:
        if plan.instead is None or error.retryable:
            raise
        making.reporter.plan("Full", f"copying did not work out: {error.message}")
        return _carried_out(making, plan.instead, targets)


def _made(making: Making, plan: Plan, targets: Sequence[Target]) -> list[StagedOutput]:
    prepare(making.scratch, plan)
    damage = carry_out(making, plan)
    making.reporter.stage("Verifying", "verifying the outputs", RUN_SHARE)
    made = inspect(plan.expectations, targets, making.job)
    damage.judge(making.reporter)  # last: what is cut off is damaged at its end too, and better called cut off
    return made


def _laid(making: Making, uri: str, number: int) -> Path:
    """Fetched, under a name of ours: ffmpeg would read its owner's as a pattern, or take a format from its ending."""
    path = making.scratch / f"input-{number:04d}"
    path.symlink_to(_fetched(making, uri))
    return path


def _probed(uri: str, path: Path, *, packets: bool) -> Source:
    return Source(uri, path, probe(str(path), uri, packets=packets))


def _seekable(making: Making, source: Source) -> Source:
    if UNINDEXED.intersection(source.info.formats):
        making.room([Need(index_path(source, making.scratch), source.info.bytes)])
    return indexed(source, making.scratch, making.stopper)


def _fetched(making: Making, uri: str) -> Path:
    told = time.monotonic()

    def tell(have: int, total: int | None) -> None:
        nonlocal told
        if time.monotonic() - told >= FETCH_INTERVAL_S:
            told = time.monotonic()
            share = f" of {total / 1e6:.0f}" if total else ""
            making.reporter.stage("Fetching", f"{have / 1e6:.0f}{share} MB of {shown(uri)}")

    return places_of(making.settings).source(uri, making.scratch, making.stopper, tell, making.room)


def _sources(making: Making, uris: Sequence[str], drafts: Sequence[Path]) -> list[Source]:
    """All sources, and room for what is made of them. One is probed while the next is fetched."""
    known = making.fetched
    new = [uri for uri in dict.fromkeys(uris) if uri not in known]
    packets = len(new) > AHEAD  # a render may copy, and then asks for them; those of few are quickly asked for
    probing: list[Future[Source]] = []
    with ThreadPoolExecutor(max_workers=thread_count()) as beside:
        for number, uri in enumerate(new, len(known)):
            making.stopper.check()
            probing.append(beside.submit(_probed, uri, _laid(making, uri, number), packets=packets))
            for probed in probing:
                if probed.done():
                    probed.result()  # nothing more is fetched when one was refused
    known |= {source.uri: _seekable(making, source) for source in (probed.result() for probed in probing)}
    sources = [known[uri] for uri in uris]
    making.room(needs_of(making.job.work, sources, drafts, making.scratch))
    return sources


def _plan(making: Making, drafts: Sequence[Path]) -> Plan:
    work, threads = making.job.work, thread_count()
    making.reporter.stage("Probing", "reading the sources")
    match work:
        case Transcode():
            return _plan_transcode(making, work, drafts, threads)
        case Render():
            sources = _sources(making, [scene.uri for scene in work.scenes], drafts)
            return _plan_render(making, work, sources, drafts[0], threads)
    raise JobError("InternalError", f"no plan for {type(work).__name__}")


def _plan_transcode(making: Making, work: Transcode, drafts: Sequence[Path], threads: int) -> Plan:
    (source,) = _sources(making, [work.uri], drafts)
    found = ways(work, source)
    if missing := left_out(source):
        making.reporter.note(missing)
    encoding = [way.encoding() for way in found]
    choice = choice_of(found)
    making.reporter.plan(choice.strategy, choice.reason)
    full = plan_transcode(encoding, source, drafts, threads, nvenc=making.nvenc)
    if found == encoding:
        return full
    return replace(plan_transcode(found, source, drafts, threads, nvenc=making.nvenc), instead=full)


def _plan_render(making: Making, work: Render, sources: Sequence[Source], target: Path, threads: int) -> Plan:
    subtitles = _fetch_subtitles(making, work)
    rendering = Rendering(work, sources, target, making.scratch, threads, subtitles, making.nvenc, making.stopper)
    choice, plan = rendering.chosen()
    if early := ending_early(work, sources):
        making.reporter.note(early)
    making.reporter.plan(choice.strategy, choice.reason)
    return plan


def _fetch_subtitles(making: Making, work: Render) -> str:
    """Copy the subtitles under a fixed name: no text of a user's comes near a filter graph."""
    if not work.subtitles:
        return ""
    path = _fetched(making, work.subtitles.uri)
    if path.suffix.lower() not in _SUBTITLE_ENDINGS:
        text = f"{shown(work.subtitles.uri)}: subtitles must end in {', '.join(_SUBTITLE_ENDINGS)}"
        raise JobError("SubtitlesInvalid", text)
    if (size := path.stat().st_size) > MAX_SUBTITLE_BYTES:
        text = f"{shown(work.subtitles.uri)} has {size} bytes, more than {MAX_SUBTITLE_BYTES}: that is no text"
        raise JobError("SubtitlesInvalid", text)
    _check_subtitles(shown(work.subtitles.uri), path.suffix.lower(), path.read_bytes())
    name = SUBTITLES + path.suffix.lower()
    shutil.copyfile(path, making.scratch / name)
    return name


def _check_subtitles(uri: str, ending: str, content: bytes) -> None:
    if not has_cues(ending, content):
        raise JobError("SubtitlesInvalid", f"{uri} has no cue (a line with -->)")
    if line := undecodable_line(content):
        raise JobError("SubtitlesInvalid", f"{uri}: line {line} is not UTF-8: save the file in that encoding")


def _captions(making: Making, work: Caption, draft: Path, target: Target) -> list[StagedOutput]:
    (source,) = _sources(making, [work.uri], [draft])
    if source.info.audio is None:
        raise JobError("NoAudioStream", f"{work.uri} has no sound: there is nothing to caption")
    wav = making.scratch / "speech.wav"
    making.reporter.stage("Extracting", "extracting the sound", 1)
    extract_audio(source.path, work.uri, wav, making.stopper)
    making.reporter.stage("Transcribing", f"loading Whisper {work.model}", LISTEN_FROM)
    settings = making.settings
    models = Models(settings.whisper_model_dir, settings.whisper_download)
    write_captions(wav, draft, work, models, making.stopper, _heard(making, work), thread_count())
    making.stopper.check()
    output = Output(target.uri, draft.stat().st_size, checksum(draft), source.info.duration_s)
    return [StagedOutput(target, target.stage(draft, making.job.job_id, making.job.run), output)]


def _heard(making: Making, work: Caption) -> Callable[[dict[str, Any]], None]:
    def tell(event: dict[str, Any]) -> None:
        if "loading" in event:
            making.reporter.stage("Transcribing", f"listening with {event['loading']} {work.model}", LISTEN_FROM)
        else:
            making.reporter.progress(LISTEN_FROM + (RUN_SHARE - LISTEN_FROM) * event["progress"], None, None)

    return tell
