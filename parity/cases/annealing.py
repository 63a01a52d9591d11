"""The cases and the mistakes of what bends between two rates, and of a power of time."""

from __future__ import annotations

from frameworks.schedule import Annealing, Constant, Exponential, PowerLaw, Sequence, Shift, Warmup
from parity.cases.chapter import Case

k_decay = Annealing(shape="cosine", base_lr=0.3, final_lr=0.01, elapsed_power=1.5, updates=40.0)
between = Annealing(shape="cosine", base_lr=0.02, final_lr=0.5, updates=6.5)
root = Annealing(shape="linear", base_lr=0.4, elapsed_power=0.5, updates=20.0)
bent = Annealing(shape="linear", base_lr=0.3, final_lr=0.01, power=3.0, updates=30.0)

#: Where mistakes hide.
ANNEALING = {
    "annealing_k_decay": Case(k_decay),
    "annealing_one_less_root": Case(Sequence(parts=[Constant(base_lr=0.4), root], boundaries=[10])),
    "annealing_square": Case(Annealing(shape="linear", base_lr=0.4, final_lr=0.04, elapsed_power=2.0, updates=20.0)),
    "annealing_exponential": Case(Annealing(shape="exponential", base_lr=0.5, final_lr=0.0005, updates=30.0)),
    "annealing_exponential_upwards": Case(
        Annealing(shape="exponential", base_lr=1e-4, final_lr=0.5, elapsed_power=1.25, updates=12.75)),
    "annealing_between_two_updates": Case(
        Sequence(parts=[between, Annealing(shape="cosine", base_lr=0.5, final_lr=2e-5, updates=21.5, elapsed=0.5)],
                 boundaries=[7])),
    "annealing_power_of_a_cosine": Case(Annealing(shape="cosine", base_lr=0.3, power=1.7, updates=1000.0)),
    "annealing_root_of_a_cosine": Case(Annealing(shape="cosine", base_lr=0.3, power=0.5, updates=1001.5)),
    "annealing_upwards": Case(
        Annealing(shape="linear", base_lr=0.0, final_lr=0.3, power=2.0, elapsed_power=3.0, updates=90.0)),
    "annealing_bent": Case(bent),
    "annealing_of_one": Case(Annealing(shape="linear", base_lr=0.3, final_lr=0.2, updates=1.0)),
    "annealing_all_passed": Case(Annealing(shape="cosine", base_lr=0.3, final_lr=0.2, updates=9.0, elapsed=9.0)),
    "power_law": Case(PowerLaw(base_lr=0.3, timescale=100.0, power=0.7), at_least=2000),
    "power_law_steep": Case(Warmup(updates=5, then=PowerLaw(base_lr=0.3, timescale=2.5, power=3.0))),
    "exponential_upwards": Case(Exponential(base_lr=1e-3, max_lr=0.5, factor=2.0, updates=7)),
}

#: By name, the fields of a parity.mistakes.schedules.Broken.
MISTAKES = {
    "k_decay_of_what_is_left": (
        "annealing_k_decay", 1, "(1 - t / T)^k for 1 - (t / T)^k", "https://arxiv.org/abs/2004.05909",
        lambda s: s.model_copy(update={"power": s.elapsed_power, "elapsed_power": 1.0})),
    "k_decay_without_k": (
        "annealing_k_decay", 1, "a power that is read and not applied", "",
        lambda s: s.model_copy(update={"elapsed_power": 1.0})),
    "rounded_to_whole_updates": (
        "annealing_between_two_updates", 1, "a phase of 6.5 updates that is counted as 6", "",
        lambda s: s.model_copy(update={"parts": tuple(
            part.model_copy(update={"updates": float(int(part.updates))}) for part in s.parts)})),
    "phase_from_its_first_update": (
        "annealing_between_two_updates", 7, "a phase that began between two updates, begun at the second", "",
        lambda s: s.model_copy(update={"parts": tuple(part.model_copy(update={"elapsed": 0.0}) for part in s.parts)})),
    "power_law_without_offset": (
        "power_law", 1, "a clock that starts at the timescale, and so at the first power of what it should be", "",
        lambda s: Sequence(parts=[Constant(base_lr=s.base_lr), Shift(by=1, of=s.model_copy(
            update={"timescale": 1.0}))], boundaries=[1])),
    "rises_past_its_end": (
        "exponential_upwards", 63, "a rate that rises and is not kept below its highest", "",
        lambda s: s.model_copy(update={"max_lr": 2 * s.max_lr})),
}
