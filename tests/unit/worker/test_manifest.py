"""A job commits once: whoever creates its manifest wins, and whoever finds it finishes the renames."""

from __future__ import annotations

import errno
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from videojobs_protocol.progress import Output
from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.file_target import FileTarget
from videojobs_worker.storage.manifest import adopt, commit, discard, tidy
from videojobs_worker.storage.target import StagedOutput


def run_of(number: int) -> str:
    return f"{number}-0000000{number}"


def stage(folder: Path, number: int, *names: str) -> list[StagedOutput]:
    """An attempt's outputs, each of which says whose it is."""
    staged = []
    for name in names:
        target = FileTarget(folder / name)
        draft = target.draft("job", run_of(number), folder)
        draft.write_text(f"attempt {number}")
        output = Output(target.uri, draft.stat().st_size, "sha", width=16)
        staged.append(StagedOutput(target, target.stage(draft, "job", run_of(number), Stopper()).name, output))
    return staged


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def manifest(folder: Path) -> Path:
    return FileTarget(folder / "a.mp4").folder.record("job").path


def test_a_commit_shows_all_outputs(tmp_path: Path) -> None:
    staged = stage(tmp_path, 1, "a.mp4", "b.mp4")
    outputs = commit("job", 1, staged)
    assert outputs == tuple(item.output for item in staged)
    assert names(tmp_path) == [".videojobs/job.json", "a.mp4", "b.mp4"]


def test_the_second_attempt_gets_what_the_first_committed(tmp_path: Path) -> None:
    first = commit("job", 1, stage(tmp_path, 1, "a.mp4"))
    assert commit("job", 2, stage(tmp_path, 2, "a.mp4")) == first
    assert (tmp_path / "a.mp4").read_text() == "attempt 1"


def test_of_many_at_once_one_commits(tmp_path: Path) -> None:
    attempts = {number: stage(tmp_path, number, "a.mp4") for number in range(1, 9)}
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda item: commit("job", *item), attempts.items()))
    assert len(told) == 1
    winner = json.loads(manifest(tmp_path).read_text())["attempt"]
    assert (tmp_path / "a.mp4").read_text() == f"attempt {winner}"


@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_a_crash_between_manifest_and_renames_is_rolled_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    staged, real, done = stage(tmp_path, 1, "a.mp4", "b.mp4"), Path.replace, []

    def crash(self: Path, target: Path) -> Path:
        if len(done) == renamed:
            raise KeyboardInterrupt
        done.append(target)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        if renamed < 2:
            with pytest.raises(KeyboardInterrupt):
                commit("job", 1, staged)
        else:
            commit("job", 1, staged)
    targets = [item.target for item in staged]
    for _ in range(2):
        assert adopt("job", targets) == tuple(item.output for item in staged)
    assert names(tmp_path) == [".videojobs/job.json", "a.mp4", "b.mp4"]


def test_an_output_that_was_taken_away_is_not_called_there(tmp_path: Path) -> None:
    commit("job", 1, stage(tmp_path, 1, "a.mp4"))
    (tmp_path / "a.mp4").unlink()
    with pytest.raises(JobError, match=r"a\.mp4 was committed .* make a new job") as error:
        adopt("job", [FileTarget(tmp_path / "a.mp4")])
    assert error.value.reason == "OutputsGone"


@pytest.mark.parametrize(
    ("staged", "final"),
    [
        ("{victim}", "{folder}/a.mp4"),
        ("{folder}/{draft}", "{victim}"),
        ("{folder}/other.mp4", "{folder}/a.mp4"),
    ],
)
def test_a_forged_manifest_moves_nothing(tmp_path: Path, staged: str, final: str) -> None:
    victim, folder = tmp_path / "victim.mp4", tmp_path / "job"
    folder.mkdir()
    for path in (victim, folder / "other.mp4", folder / "a.mp4"):
        path.write_text(path.name)
    draft = FileTarget(folder / "a.mp4").draft("job", run_of(1), folder)
    draft.write_text(draft.name)
    places = {"victim": victim, "folder": folder, "draft": draft.name}
    entry = {"staged": staged.format(**places), "final": final.format(**places), "uri": "x", "bytes": 1, "sha256": ""}
    manifest(folder).parent.mkdir()
    manifest(folder).write_text(json.dumps({"outputs": [entry]}))
    with pytest.raises(JobError, match="not this job's outputs"):
        adopt("job", [FileTarget(folder / "a.mp4")])
    assert victim.read_text() == "victim.mp4"
    assert (folder / "other.mp4").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"outputs": [1]}', '{"outputs": [{"staged": "x"}]}'])
def test_a_broken_manifest_is_named(tmp_path: Path, text: str) -> None:
    manifest(tmp_path).parent.mkdir()
    manifest(tmp_path).write_text(text)
    with pytest.raises(JobError, match=r"job\.json") as error:
        adopt("job", [FileTarget(tmp_path / "a.mp4")])
    assert error.value.reason == "ManifestInvalid"


def test_without_hard_links_it_is_still_created_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    first = commit("job", 1, stage(tmp_path, 1, "a.mp4"))
    assert commit("job", 2, stage(tmp_path, 2, "a.mp4")) == first
    assert (tmp_path / "a.mp4").read_text() == "attempt 1"


def test_discard_takes_only_the_jobs_own_leftovers(tmp_path: Path) -> None:
    stage(tmp_path, 1, "a.mp4")
    stage(tmp_path, 2, "a.mp4")
    names_kept = (
        ".a.mp4.job2-1-00000001.partial", ".a.mp4.job-0-1-00000001.partial", ".a.mp4.job-1.partial",
        "job-1-00000001.partial", "a.mp4",
    )  # fmt: skip
    kept = [tmp_path / name for name in names_kept]
    for path in kept:
        path.touch()
    discard("job", [FileTarget(tmp_path / "a.mp4")])
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_names_with_patterns_in_them_are_names(tmp_path: Path) -> None:
    for job in ("[a]*", "ab"):
        FileTarget(tmp_path / "x.mp4").draft(job, run_of(1), tmp_path).touch()
    discard("[a]*", [FileTarget(tmp_path / "x.mp4")])
    assert list(tmp_path.iterdir()) == [FileTarget(tmp_path / "x.mp4").draft("ab", run_of(1), tmp_path)]


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".mp4", "\N{SNOWMAN}" * 83 + "\udce9.mp4", "caf\udce9.mp4", " \n'\"%03d[*].mp4"]
)
def test_any_name_that_a_file_may_have_is_committed(tmp_path: Path, name: str) -> None:
    """Up to 255 bytes, of any value; the draft's name is no longer than the others'."""
    staged = stage(tmp_path, 1, name)
    (output,) = commit("job", 1, staged)
    assert [os.fsencode(each) for each in names(tmp_path)] == sorted([b".videojobs/job.json", os.fsencode(name)])
    assert adopt("job", [staged[0].target]) == (output,)
    assert output.uri.isascii()


def test_nobody_has_committed_before_there_is_a_manifest(tmp_path: Path) -> None:
    targets = [FileTarget(tmp_path / "a.mp4")]
    assert adopt("job", targets) is None
    commit("job", 1, stage(tmp_path, 1, "a.mp4"))
    assert adopt("job", targets) is not None


def test_a_run_tidies_its_own_and_no_others(tmp_path: Path) -> None:
    """Its claim may be lost, and its successor at work; after Redis was emptied even under the same number."""
    stage(tmp_path, 1, "a.mp4")
    target = FileTarget(tmp_path / "a.mp4")
    successor = target.draft("job", "1-ffffffff", tmp_path)
    successor.touch()
    tidy("job", run_of(1), [target])
    assert list(tmp_path.iterdir()) == [successor]


def test_what_the_manifest_names_is_not_tidied(tmp_path: Path) -> None:
    """Its own commit was cut off before the rename: whoever comes next finishes it."""
    staged = stage(tmp_path, 1, "a.mp4")
    outputs = commit("job", 1, staged)
    (tmp_path / "a.mp4").rename(staged[0].staged)
    tidy("job", run_of(1), [staged[0].target])
    assert adopt("job", [staged[0].target]) == outputs


def test_a_run_that_others_outran_tidies_its_own(tmp_path: Path) -> None:
    commit("job", 2, stage(tmp_path, 2, "a.mp4"))
    staged = stage(tmp_path, 1, "a.mp4")
    tidy("job", run_of(1), [staged[0].target])
    assert names(tmp_path) == [".videojobs/job.json", "a.mp4"]


def test_only_what_lies_idle_is_taken_for_abandoned(tmp_path: Path) -> None:
    (old,), (new,) = stage(tmp_path, 1, "a.mp4"), stage(tmp_path, 2, "a.mp4")
    os.utime(old.staged, (time.time() - 60, time.time() - 60))
    discard("job", [old.target], idle_s=30)
    assert list(tmp_path.iterdir()) == [Path(new.staged)]
