"""Has the text of the results page; the tables and numbers are filled in."""

from __future__ import annotations

#: The parts of the protocol: plan, runs in words, their number.
PARTS = {
    "A": ("chapter.toml", "the chapter's five trainings, text variant, seeds 100 to 119", 300),
    "A2": ("chapter_more.toml", "constant and multi factor, seeds 120 to 139", 120),
    "A3": ("chapter_others.toml", "factor and polynomial, seeds 100 to 119", 120),
    "B": ("printed.toml", "the five in the book variant, seeds 100 to 119", 300),
    "D": ("stalled.toml", "constant rates .3 and .5, 3 epochs, seeds 1000 to 1199", 1200),
}
#: What each figure shows.
CAPTIONS = {
    "effects": "Final test accuracy of each schedule minus that of the constant rate, among pairs without a dead run: "
               "mean, 95 % interval (thin) and 90 % interval (thick)",
    "frameworks": "Final test accuracy of one framework minus that of another, among pairs without a dead run: mean, "
                  "95 % interval (thin) and 90 % interval (thick)",
    "bands": "Test accuracy over epochs of the runs that learned, its mean and the middle 80 % of the seeds; beneath, "
             "the learning rate",
    "strips": "Final test accuracy and printed train loss of each run that learned, beside the published renders",
    "losses": "Final test accuracy against printed train loss, a point for each run that learned",
    "stalled": "Shares of stalled runs with Wilson's 95 % intervals",
}

TEXT = """# Does the learning-rate schedule have an effect?

<!-- made by: {command} -->

{answer}

<!-- end of the answer -->

{figure_effects}

This is the question of [d2l-en issue #1715](https://github.com/d2l-ai/d2l-en/issues/1715) about the chapter "Learning
Rate Scheduling". [The protocol](study/PROTOCOL.md) was committed before the first run, and
[its deviations](study/DEVIATIONS.md) are dated. [The procedures](study/SIMULATION.md) were tried on simulated data. A
comparison without all its runs is preliminary: it has numbers and no verdict. [The exercises](exercises/EXERCISES.md)
have separate runs.

{runs}

{machines}

How to read the tables:

- Accuracies are shares of images: .010 is one image of 100. The tolerance (`margin` in the protocol) is .010 for
  accuracies and gaps, .002 for roughness.
- A pair is two runs of one seed: the same first weights, the same batches.
- A run is dead if it ends without learning; its accuracy is .10. The difference that decides is that among pairs
  without a dead run; with fewer than 10 such pairs the verdict is "not settled".
- "All pairs" is the difference with dead runs, its 95 % interval and the number of pairs.
- The column "dead" has the number of dead runs in each arm, in the order of the difference.
- "p, Holm" is corrected over the tests of its table; while some of them lack runs, it has two bounds.
- "An effect": p after Holm is below .05. "No effect": by TOST, the difference is smaller than the tolerance.
- "p, TOST" is small if the difference is within the tolerance. It is not corrected, as registered.
- Intervals are about seeds. The 10,000 test images are fixed.

## The chapter's statements

Each cell has the difference, its 95 % interval and the number of pairs without a dead run. The verdict stands before
them once all runs are there.

{overview}

"False" means a difference in the other direction, or, by TOST, none as large as the tolerance. Test 2 of the protocol,
Holm over the 27 tests:

{statements}

S10, the dead runs of warm-up (first) and cosine (second), exact McNemar tests:

{dead_by_warmup}

The same for stalled runs, which decide nothing:

{stalled_by_warmup}

## "The schedule has no effect"

Test 3: the final test accuracy of each schedule minus that of the constant rate, Holm over the 12 tests.

{effects}

## Frameworks against each other

Test 1: the final test accuracy of the first framework minus that of the second, Holm over the 15 tests.
{all_frameworks}

{frameworks}

Dead runs, exact McNemar tests:

{dead_by_framework}

The power of TOST without a difference, simulated with the spread of our pairs:

{power}

{figure_frameworks}

## The book variant against the published results

Test 4: our runs of the book's code against the outputs that the book published. Equivalence is decided by a permutation
test of the difference ([deviations](study/DEVIATIONS.md), point 24); the intervals are Welch's. The column "dead" has
our runs and the published ones. "{not_distinguishable}" does not prove sameness.

{book}

## Stalled runs

Test 5.

{stalled}

{figure_stalled}

## Averaged weights

Test 6: the test accuracy of the mean of the weights after epochs 16 to 30, minus that of the final weights of the same
run. Holm over the 21 cells. No statement of the chapter is decided by it.

{averaging}

## Dead and stalled runs

Exploratory. The interval of the share of dead runs is Wilson's.

{dead}

## Exploratory figures

Nothing is tested with these.

{figure_bands}

{figure_strips}

The published renders are of the book variant, whose schedules differ: see [the list](README.md#two-variants).

{figure_losses}

## How this page is made

    pip install -r requirements/study.txt
    {command}            # this page and its figures, from study/runs.csv and study/curves.jsonl
    {command} --check    # exit code 4 if one is not current

SHA-256 of the results: `{digest}`.
"""
