"""Writes reproduce/trainer/RELIABILITY.md: python -m tests.harness.reliability [--check]

The page has each promise, its tests, and the figure of the last full run. The figures are in reliability.jsonl: the
lines that the commands printed. Exit codes: 0 good, 2 usage, 4 the page is not current.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frameworks import FRAMEWORKS
from frameworks.arguments import Parser
from frameworks.exit_codes import FAILED

HERE = Path(__file__).parent
PAGE, RESULTS = HERE.parents[1] / "reproduce/trainer/RELIABILITY.md", HERE / "reliability.jsonl"
Results = dict[str, dict[str, Any]]

HEAD = """# Failures that a run survives

<!-- made by: python -m tests.harness.reliability -->

`tox -e survive` runs these tests, in about eight minutes on two processors. The figures are from the last full run; its
commands and versions are below the table. Each command prints one line, which is kept in `reliability.jsonl`.

Kills and costs were measured with OMP_NUM_THREADS=1, costs on one processor (`taskset -c 0`). The cost is the time of
the calls that copy and save the state. The ratio of whole epochs is less exact: it varied by ten percent, since the
machine had other work.

| promise | tests | last full run |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Promise:
    """One promise: its text, its tests as "file::function", and a function that returns its figure as text."""

    text: str
    tests: tuple[str, ...]
    figure: Callable[[Results], str] = lambda results: "no figure: the tests pass or fail"


def _kills(results: Results) -> str:
    found = [results[f"kills {name}"] for name in FRAMEWORKS]
    whole = sum(sum(one[key] for key in ("torn", "missing", "other_weights", "other_runs")) for one in found)
    each = ", ".join(f"{one['kills']} in {one['framework']}" for one in found)
    return (f"{sum(one['kills'] for one in found)} kills ({each}), "
            f"{sum(one['kills_while_saving'] for one in found)} of them while a checkpoint was written. "
            f"{whole} checkpoints or runs were torn, missing or different. "
            f"At most {max(one['most_updates_lost'] for one in found)} updates were lost, with an interval of "
            f"{found[0]['interval']}. {sum(one['runs'] for one in found)} runs were completed")


def _twice(results: Results) -> str:
    found = results["twice all"]["found"]
    same = [one for one in found if one["different_weights"] == one["different_losses"] == 1]
    text = f"the same in {len(same)} of {len(found)}, {found[0]['processes']} processes each"
    for one in found:
        if one not in same:
            text += f"; {one['framework']} with {one['threads']} threads: {one['different_weights']} different weights"
    return text


def _cost(results: Results) -> str:
    found = [results[f"cost {name}"] for name in FRAMEWORKS]
    return "; ".join(f"{one['framework']} {one['share']:.2%} (whole epochs: {one['ratio'] - 1:+.1%})" for one in found)


def _fuzz(results: Results) -> str:
    found = [one for name, one in results.items() if name.startswith("fuzz ")]
    return (f"{sum(one['cases'] for one in found):,} cases of {len(found)} kinds of files and texts: "
            f"{sum(one['accepted'] for one in found):,} were valid and accepted, "
            f"{sum(one['undocumented'] for one in found)} ended with an undocumented error")


def _commands(results: Results) -> str:
    found = [one for name, one in results.items() if name.startswith("commands ")]
    codes = sum((Counter(one["exit codes"]) for one in found), Counter[str]())
    ends = ", ".join(f"{code} in {count:,}" for code, count in sorted(codes.items()))
    return f"{codes.total():,} commands, {sum(one['faults'] for one in found)} faults. Exit codes: {ends}"


def _kill_commands(results: Results) -> str:
    return ("{killed} kills: {torn} torn files, {orphans} processes left. {left} temporary files were left, "
            "{never_removed} of them after the next run").format(**results["kill_commands 0"])


PROMISES = (
    Promise("SIGKILL at any time: no checkpoint is torn or missing, and at most one interval is lost. The completed "
            "run equals one without a stop, bit for bit",
            ("survive/test_survive_kills::test_twenty_kills_lose_at_most_an_interval",
             "survive/test_survive_kills::test_a_broken_checkpoint_is_found"), _kills),
    Promise("A checkpoint after each epoch costs at most 2 % of it; the command below exits with 4 if it costs more",
            ("project/test_promises::test_what_checkpoints_cost_is_promised",), _cost),
    Promise("A resumed run equals one without a stop, bit for bit, wherever it was stopped",
            ("survive/test_survive_resume::test_a_resumed_run_is_the_uninterrupted_one",
             "survive/test_survive_resume::test_a_weight_that_is_one_bit_off_would_show")),
    Promise("Another framework can continue a run: weights, rates and batches are equal, bit for bit",
            ("survive/test_survive_resume::test_another_framework_goes_on",)),
    Promise("A checkpoint of another schedule, seed, experiment or variant is refused with exit code 6",
            ("survive/test_survive_refusals::test_a_checkpoint_of_another_run_is_refused",
             "survive/test_survive_refusals::test_what_is_printed_goes_on_in_its_own_framework_only")),
    Promise("Instead of a damaged checkpoint, the previous one is used, with a message. If both are damaged, the exit "
            "code is 6",
            ("survive/test_survive_refusals::test_a_damaged_checkpoint_is_passed_over",
             "survive/test_survive_refusals::test_a_damaged_checkpoint_is_not_kept_in_place_of_a_whole_one",
             "survive/test_survive_refusals::test_a_checkpoint_is_never_written_over_before_the_manifest_is")),
    Promise("SIGINT and SIGTERM: the update is finished and saved; exit code 130 or 143 within 2 s. A second signal "
            "ends the process at once, without damage",
            ("survive/test_survive_signals::test_a_signal_saves_and_ends",
             "survive/test_survive_signals::test_a_real_run_ends_within_two_seconds")),
    Promise("A loss that is not finite stops the run within one update, with exit code 3",
            ("reproduce/test_divergence::test_a_loss_that_is_none_stops_within_an_update",
             "reproduce/test_reproduce::test_a_diverging_run_stops_with_3")),
    Promise("The same seed gives the same bits in each process, on a CPU with one and with two threads",
            ("survive/test_survive_determinism::test_two_processes_train_the_same_bits",
             "survive/test_survive_determinism::test_other_first_weights_show"), _twice),
    Promise("Only one process at a time trains in a folder; the folder is free as soon as that process is killed",
            ("survive/test_survive_disk::test_a_folder_is_held_by_one_process",)),
    Promise("A full disk loses nothing: the message has the path and the bytes; exit code 2",
            ("survive/test_survive_disk::test_a_full_disk_loses_nothing",
             "survive/test_survive_disk::test_the_same_run_on_a_disk_with_room_is_good")),
    Promise("A killed `chapter.py` does not repeat finished runs; a stopped one has saved its run",
            ("survive/test_survive_chapter::test_a_killed_chapter_repeats_nothing_and_ends_the_same",
             "survive/test_survive_chapter::test_a_stopped_chapter_has_its_run_saved",
             "survive/test_survive_chapter::test_a_signal_that_comes_when_the_run_has_ended_is_not_forgotten")),
    Promise("A damaged or malicious file is refused with a documented error. It runs no code and needs little memory. "
            "Checked: specifications, runs, checkpoints, records, data, vectors, reports, logs, constructors",
            ("survive/test_survive_fuzz::test_every_case_ends_as_documented",
             "survive/test_survive_fuzz::test_a_faulty_reader_is_caught",
             "survive/test_survive_fuzz::test_what_claims_a_gigabyte_takes_little",
             "survive/test_survive_hostile::test_an_epoch_that_nothing_could_go_on_with_is_refused"), _fuzz),
    Promise("Whole commands on pipes, devices, sparse files, links and full disks end with a documented exit code "
            "within 30 s and 1 GiB, and tear no file",
            ("survive/test_survive_commands::test_every_command_ends_as_documented",
             "survive/test_survive_commands::test_a_faulty_command_is_detected"), _commands),
    Promise("A command that is killed while it writes leaves the old or the new file, and no process after a second",
            ("survive/test_survive_command_kills::test_killed_commands_leave_whole_files_and_no_processes",
             "survive/test_survive_command_kills::test_a_planted_fault_is_counted"), _kill_commands),
    Promise("With the data present, or with `--offline`, no network is used",
            ("survive/test_survive_offline::test_with_data_nobody_is_asked",
             "survive/test_survive_offline::test_offline_without_data_it_says_so_and_asks_nobody",
             "survive/test_survive_offline::test_without_data_somebody_is_asked_and_it_is_noticed")),
    Promise("Training code does not read or write a format that could run code",
            ("survive/test_survive_formats::test_none_in_what_trains",
             "survive/test_survive_formats::test_a_planted_use_is_found")),
)


def read(path: Path = RESULTS) -> Results:
    """Return the lines by command and framework, kind of file or seed; a later line replaces an earlier one."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        module = one["command"].split()[2].rpartition(".")[2]
        found[f"{module} {one.get('framework') or one.get('target') or one.get('seed', 'all')}"] = one
    return found


def build_page(results: Results) -> str:
    """Return the page as Markdown."""
    rows = []
    for promise in PROMISES:
        tests = "<br>".join(f"`tests/{test.replace('::', '.py::')}`" for test in promise.tests)
        rows.append(f"| {promise.text} | {tests} | {promise.figure(results)} |")
    commands = dict.fromkeys(f"    {one['command']}" for one in results.values())
    versions = {version for one in results.values() for version in _list_versions(one)}
    return HEAD + "\n".join([*rows, "", f"Made with {', '.join(sorted(versions))}:", "", *commands, ""])


def _list_versions(one: dict[str, Any]) -> list[str]:
    if "found" in one:
        return [f"{each['framework']} {each['version']}" for each in one["found"]]
    return [f"{name} {version}" for name, version in one["versions"].items()]


def main(path: Path = PAGE) -> int:
    """Write the page, or check that it is current; return the exit code."""
    parser = Parser(prog="tests.harness.reliability", description="Write reproduce/trainer/RELIABILITY.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; check that the page is current")
    check, text = parser.parse_args().check, build_page(read())
    if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
        print(f"{path.name} is not current: python -m tests.harness.reliability", file=sys.stderr)
        return FAILED
    if not check:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
