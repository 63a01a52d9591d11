"""Computes how many updates an epoch has, in worked examples for the guide's first page."""

from __future__ import annotations

import math

from frameworks.chapter import BATCH, EPOCH
from parity.pages.guide.kinds import TEXT, format_table

IMAGES, EPOCHS, PROCESSES, ACCUMULATED, SKIPPED = 60_000, 30, 4, 4, 3
CODE = TEXT.with_name("code")


def run_code(name: str) -> dict:
    """Run a file of the folder `code`, which the guide prints, and return the names that it defines."""
    names: dict = {}
    exec((CODE / f"{name}.py").read_text(encoding="utf-8"), names)
    return names


def write_epochs() -> list[str]:
    """Return the lines of the section about epochs."""
    if math.ceil(IMAGES / BATCH) != EPOCH:
        raise ValueError(f"an epoch has {math.ceil(IMAGES / BATCH)} updates, not {EPOCH}")
    last = IMAGES - (EPOCH - 1) * BATCH
    shared = math.ceil(math.ceil(IMAGES / PROCESSES) / BATCH)
    groups = math.ceil(EPOCH / ACCUMULATED)
    rows = [
        ["the last, shorter batch is used", f"ceil({IMAGES} / {BATCH})", EPOCH, EPOCHS * EPOCH,
         f"It has {last} images; its update counts like any other. Default of Gluon's DataLoader "
         "(`last_batch=\"keep\"`), torch's DataLoader and Keras' `fit`."],
        ["the last, shorter batch is dropped", f"floor({IMAGES} / {BATCH})", EPOCH - 1, EPOCHS * (EPOCH - 1),
         "torch's `drop_last=True`, Gluon's `last_batch=\"discard\"`, `ds.batch(..., drop_remainder=True)`."],
        ["its images wait for the next epoch", f"{IMAGES} / {BATCH}", f"{EPOCH - 1} or {EPOCH}",
         EPOCHS * IMAGES // BATCH,
         "Gluon's `last_batch=\"rollover\"`: the number of updates varies. Count updates, not epochs."],
        [f"each update accumulates {ACCUMULATED} batches", f"ceil({EPOCH} / {ACCUMULATED})", groups,
         EPOCHS * groups, "The batches left at the end of an epoch make one more update."],
        ["the same; left batches wait for the next epoch", f"{EPOCH} / {ACCUMULATED}",
         f"{EPOCH // ACCUMULATED} or {groups}", EPOCHS * EPOCH // ACCUMULATED,
         "Keras' `gradient_accumulation_steps`."],
        [f"{PROCESSES} processes with batches of {BATCH} each", f"ceil({IMAGES} / {PROCESSES} / {BATCH})", shared,
         EPOCHS * shared, f"One update for {PROCESSES * BATCH} images; every process counts it once."],
        [f"a batch of {BATCH} is split over {PROCESSES} GPUs", f"ceil({IMAGES} / {BATCH})", EPOCH, EPOCHS * EPOCH,
         "Gluon's `split_and_load`, torch's DataParallel: one update for the whole batch."],
        [f"a GradScaler skips {SKIPPED} updates", f"{EPOCHS * EPOCH} - {SKIPPED}", "", EPOCHS * EPOCH - SKIPPED,
         f"After {EPOCHS * EPOCH} batches t is {EPOCHS * EPOCH - SKIPPED}."],
    ]
    lines = format_table(["case", "formula", "updates per epoch", f"updates in {EPOCHS} epochs", "note"],
                         [[str(cell) for cell in row] for row in rows])
    text = (TEXT / "epochs.txt").read_text(encoding="utf-8").strip()
    skipped = (CODE / "skipped_updates.py").read_text(encoding="utf-8").strip()
    return [*lines, "", text.format(skipped=skipped, epoch=EPOCH, accumulated=ACCUMULATED, first=ACCUMULATED - 1,
                                    second=2 * ACCUMULATED - 1, milestone=15 * EPOCH, drop=ACCUMULATED * 15)]
