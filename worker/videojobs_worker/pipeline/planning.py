"""The plan of a render or a transcode, chosen by what its sources are, and reported with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videojobs_protocol.work import Render, Transcode
from videojobs_worker.media.colour import approximated, keeps_hdr
from videojobs_worker.media.loudness import Loudness, gain_to
from videojobs_worker.media.plan import Plan
from videojobs_worker.media.render.composition import RenderSources, composed
from videojobs_worker.media.sound import filter_input
from videojobs_worker.media.source import Source, cut_off_error, video_of
from videojobs_worker.media.streams import dropped_of_scenes
from videojobs_worker.media.transcode.output_plans import (
    OutputPlan,
    SoundPlan,
    choice_of,
    layout_notes,
    left_out,
    output_plans,
    sound_filters,
)
from videojobs_worker.media.transcode.transcode_runs import plan_transcode
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.fetching import fetch_sources
from videojobs_worker.pipeline.loudness_meter import measure_stream
from videojobs_worker.pipeline.render_fetching import fetch_render
from videojobs_worker.pipeline.render_loudness import at_loudness
from videojobs_worker.pipeline.render_planning import Rendering
from videojobs_worker.pipeline.subtitle_fetching import fetch_subtitles
from videojobs_worker.probe.hdr_side_data import with_hdr_metadata
from videojobs_worker.probe.picture_sizes import changes_size
from videojobs_worker.process.installed_ffmpeg import installed
from videojobs_worker.process.watchdog import Limits


def plan_of(context: JobContext, work: Render | Transcode, drafts: Sequence[Path]) -> Plan:
    """Fetch the sources and plan the runs that make ``drafts``.

    Raises:
        JobError: a source cannot be used for this work.
    """
    threads = context.threads
    context.reporter.stage("Probing", "reading the sources")
    match work:
        case Transcode():
            return _plan_transcode(context, work, drafts, threads)
        case Render():
            return _plan_render(context, work, fetch_render(context, work, drafts), drafts[0], threads)


def _plan_transcode(context: JobContext, work: Transcode, drafts: Sequence[Path], threads: int) -> Plan:
    (source,) = fetch_sources(context, [work.uri], drafts)
    if source.info.missing:
        raise cut_off_error(source)
    if any(keeps_hdr(output.video.pixel_format) for output in work.outputs):
        source = with_hdr_metadata(source, context.stopper)
    plans = output_plans(work, source)
    if any(plan.copies_picture for plan in plans) and changes_size(source, context.stopper):
        source = replace(source, info=replace(source.info, video=replace(video_of(source), changes_size=True)))
        plans = output_plans(work, source)
    known: dict[str, Loudness] = {}
    found = [_at_loudness(context, plan, source, known) for plan in plans]
    _note(context, left_out(found, source), *layout_notes(found), _approximations([source]))
    encoding = [plan.encoding() for plan in found]
    choice = choice_of(found)
    context.reporter.plan(choice.strategy, choice.reason)
    ffmpeg = installed()
    full = plan_transcode(encoding, source, drafts, threads, ffmpeg=ffmpeg, nvenc=context.nvenc)
    if found == encoding:
        return full
    copying = plan_transcode(found, source, drafts, threads, ffmpeg=ffmpeg, nvenc=context.nvenc)
    return replace(copying, instead=full)


def _at_loudness(context: JobContext, plan: OutputPlan, source: Source, known: dict[str, Loudness]) -> OutputPlan:
    """With the gain that each of its sounds needs; ``known`` is what was measured for outputs before it."""
    target_lufs = plan.output.audio.loudness_lufs
    if target_lufs is None:
        return plan
    sounds = [_with_gain(context, sound, plan, source, target_lufs, known) for sound in plan.sounds]
    return replace(plan, sounds=tuple(sounds))


def _with_gain(
    context: JobContext, sound: SoundPlan, plan: OutputPlan, source: Source, target_lufs: float,
    known: dict[str, Loudness],
) -> SoundPlan:  # fmt: skip
    def measure(gain: str) -> Loudness:
        filters = sound_filters(plan, replace(sound, gain=gain))
        key = f"{filter_input(0, sound.stream)}{filters}"
        if key not in known:
            known[key] = measure_stream(context, source, sound.stream, filters)
        return known[key]

    gain = gain_to(target_lufs, sound.stream.sample_rate_hz or 48_000, measure)
    _note(context, gain.note)
    return replace(sound, gain=gain.filters)


def _plan_render(context: JobContext, work: Render, sources: RenderSources, target: Path, threads: int) -> Plan:
    composition, loudness_note = at_loudness(context, composed(work, sources, fetch_subtitles(context, work)))
    rendering = Rendering(
        composition, target, context.scratch, threads, context.nvenc, context.stopper, Limits(context.stall_s),
        context.room,
    )  # fmt: skip
    choice, plan = rendering.chosen()
    _note(context, *dropped_of_scenes(work.scenes, sources.scenes))
    _note(context, *composition.notes(sources), loudness_note, _approximations(sources.scenes))
    context.reporter.plan(choice.strategy, choice.reason)
    return plan


def _note(context: JobContext, *notes: str) -> None:
    for note in filter(None, notes):
        context.reporter.note(note)


def _approximations(sources: Sequence[Source]) -> str:
    """Whose colours are read as something near, in words."""
    videos = {source.uri: source.info.video for source in sources if source.info.video}
    found = {uri: approximated(video) for uri, video in videos.items()}
    return "; ".join(f"{uri}: {text}" for uri, text in found.items() if text)
