"use strict";
// Writes a schedule with the built-in classes of Gluon, PyTorch, Keras and optax, and notes the known difference, as
// parity/port/write/native does: tests compare the texts.

const UNBOUNDED = "It has no highest rate.", AGAIN = "It multiplies the previous rate at each update.";
const r = floatText, numerals = values => `[${values.join(", ")}]`;
const sentences = (...all) => all.filter(Boolean).join(" ");

// Functions that find what a built-in class applies in a schedule.
function stripHolds(schedule) {
  let updates = 1;
  for (; schedule.kind === "hold"; schedule = schedule.of) updates *= schedule.updates;
  return [schedule, updates];
}
const splitWarmup = s => s.kind === "warmup" && s.clock === "restart" && (s.peak_lr === null || s.peak_lr === build(s.then).lr(0))
  ? [s, s.then] : [null, s];
const stripShift = s => s.kind === "shift" && s.by === 1 ? [s.of, true] : [s, false];
const isUnbounded = s => s.factor <= 1 || s.max_lr === null || s.max_lr >= MAX_RATE;
function increasingSteps(schedule) {
  const [inner, updates] = stripHolds(schedule);
  return inner.kind === "exponential" && updates > 1 && inner.updates === 1 && inner.factor > 1 && isUnbounded(inner) ? [inner, updates] : null;
}
function restartsIn(s) {
  if (s.kind === "cosine_restarts") return s;
  if (s.kind !== "repeat" || s.of.kind !== "cosine" || s.of.updates !== s.updates || s.decay !== 1 && s.min_lr !== s.of.final_lr) return null;
  return {base_lr: s.of.base_lr, final_lr: s.of.final_lr, updates: s.of.updates, decay: s.decay, growth: 1, warmup: 0, sinks: "height"};
}

// Functions that write torch's classes: the optimizer's rate, the constructor, and a note. Null without a class.
const TORCH = [
  function oneCycle(s) {
    if (s.kind !== "one_cycle" || !s.base_lr || !s.peak_lr || !s.final_lr || s.final_lr > s.base_lr) return null;
    const total = s.updates + 1, strategy = s.mode === "cosine" ? "" : ", anneal_strategy='linear'";
    const cycle = `OneCycleLR(optimizer, ${r(s.peak_lr)}, total_steps=${total}, pct_start=${r((s.rise + 1) / total)}, div_factor=` +
      `${r(s.peak_lr / s.base_lr)}, final_div_factor=${r(s.base_lr / s.final_lr)}${strategy}${s.phases === 3 ? ", three_phase=True" : ""}, cycle_momentum=False)`;
    return [s.base_lr, `SequentialLR(optimizer, [${cycle}, ${heldAt(s.final_lr / s.base_lr)}], [${s.updates}])`, ""];
  },
  function cosineCycles(s) {
    const found = restartsIn(s);
    if (found && !found.warmup && found.decay === 1) {
      return [found.base_lr, `CosineAnnealingWarmRestarts(optimizer, T_0=${found.updates}${found.growth > 1 ? `, T_mult=${found.growth}` : ""}, eta_min=${r(found.final_lr)})`, ""];
    }
    if (s.kind !== "repeat" || s.decay !== 1 || s.of.kind !== "sequence" || s.of.parts.length !== 2) return null;
    const [down, up] = s.of.parts;
    return down.kind === "cosine" && sameSchedule(up, halfCosine(down.final_lr, down.base_lr, down.updates)) && s.of.boundaries[0] === down.updates && s.updates === 2 * down.updates
      ? [down.base_lr, `CosineAnnealingLR(optimizer, ${down.updates}, eta_min=${r(down.final_lr)})`, "It computes each rate from the previous one."] : null;
  },
  function lineCycles(s) {
    if (s.kind === "cyclic") {
      return cyclicOf(s.low, s.high, s.up, s.down || s.up, s.mode, s.mode === "exp_range" ? `, gamma=${r(s.gamma)}` : "");
    }
    if (s.kind !== "repeat" || ![1, .5].includes(s.decay) || s.of.kind !== "sequence" || s.of.parts.length !== 2 || s.of.parts[0].kind !== "polynomial") return null;
    const [{base_lr: low, final_lr: high}] = s.of.parts, [up] = s.of.boundaries, down = Math.max(s.updates - up, 1);
    if (!sameSchedule(s, cycles(low, high, up, down, {decay: s.decay, min_lr: s.min_lr}))) return null;
    if (s.decay === 1) return cyclicOf(low, high, up, down, "triangular");
    return s.min_lr === low ? cyclicOf(low, high, up, down, "triangular2") : null;
  },
  function decayingCycles(s) {
    let low = 0, cycle = s;
    if (s.kind === "sum" && s.of.length === 2 && s.of[0].kind === "constant") [low, cycle] = [s.of[0].base_lr, s.of[1]];
    if (cycle.kind !== "product" || cycle.of.length !== 2) return null;
    const [triangle, height] = cycle.of, lines = triangle.kind === "repeat" ? triangle.of : null;
    if (height.kind !== "exponential" || height.updates !== 1 || !isUnbounded(height) || lines?.kind !== "sequence") return null;
    if (lines.parts.length !== 2 || lines.parts.some(part => part.kind !== "polynomial")) return null;
    const [up, down] = lines.parts.map(part => part.updates);
    if (!sameSchedule(triangle, cycles(0, 1, up, down))) return null;
    return [low, `CyclicLR(optimizer, ${r(low)}, ${r(low + height.base_lr)}, ${up}, ${down}, mode='exp_range', gamma=${r(height.factor)}, cycle_momentum=False)`,
      sentences("It computes its position in the cycle from a quotient.", height.factor > 1 && UNBOUNDED)];
  },
  function chain(s) {
    if (s.kind !== "product") return null;
    const links = s.of.map(linkOf), constructors = links.filter(link => link?.[1]).map(link => link[1]);
    if (links.some(link => !link) || constructors.length < 2) return null;
    return [links.reduce((all, [base]) => all * base, 1), `ChainedScheduler([${constructors.join(", ")}])`, sentences(
      "Each multiplies the previous rate at each update.", s.of.some(each => each.kind === "exponential" && each.factor > 1) && UNBOUNDED)];
  },
  singleOf,
  function cosineThenHeld(schedule) {
    const [unshifted, early] = stripShift(schedule), [warm, after] = splitWarmup(unshifted);
    if (after.kind !== "cosine" || !after.base_lr || after.final_lr > after.base_lr) return null;
    const tail = heldAt(after.final_lr / after.base_lr), cosine = `CosineAnnealingLR(optimizer, ${after.updates}, eta_min=${r(after.final_lr)})`;
    const note = "CosineAnnealingLR computes each rate from the previous one.";
    if (!warm) return early ? null : [after.base_lr, `SequentialLR(optimizer, [${cosine}, ${tail}], [${after.updates}])`, note];
    if (warm.mode !== "linear" || early && warm.updates < 2) return null;
    const steps = warm.updates - early, first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates;
    const share = first / after.base_lr || 1e-8;
    return share > 1 ? null : [after.base_lr, `SequentialLR(optimizer, [LinearLR(optimizer, start_factor=${r(share)}, total_iters=${steps}), ${cosine}, ${tail}], ` +
      `[${steps}, ${steps + after.updates}])`, first ? note : `LinearLR cannot start at 0; ${note}`];
  },
];
const heldAt = share => `ConstantLR(optimizer, factor=${r(share)}, total_iters=1_000_000_000)`;
const cyclicOf = (low, high, up, down, mode, gamma = "") => [low, `CyclicLR(optimizer, ${r(low)}, ${r(high)}, step_size_up=${up}, step_size_down=${down}, mode='${mode}'${gamma}, ` +
  "cycle_momentum=False)", "It computes its position in the cycle by subtracting quotients."];

function singleOf(s) {
  const [inner, updates] = stripHolds(s), steps = increasingSteps(s);
  if (steps) return [steps[0].base_lr, `StepLR(optimizer, ${steps[1]}, gamma=${r(steps[0].factor)})`, UNBOUNDED];
  if (inner.kind === "constant") return [inner.base_lr, "ConstantLR(optimizer, factor=1.0)", ""];
  if (inner.kind === "factor") return [inner.base_lr, `StepLR(optimizer, ${inner.every * updates}, gamma=${r(inner.factor)})`, inner.min_lr ? "StepLR has no floor." : ""];
  if (inner.kind === "multi_factor") return [inner.base_lr, `MultiStepLR(optimizer, ${numerals(inner.milestones.map(t => t * updates))}, gamma=${r(inner.factor)})`, ""];
  if (s.kind === "exponential" && isUnbounded(s)) {
    return [s.base_lr, `ExponentialLR(optimizer, gamma=${r(Math.pow(s.factor, 1 / s.updates))})`, sentences(s.updates > 1 && AGAIN, s.factor > 1 && UNBOUNDED)];
  }
  if (s.kind !== "polynomial") return null;
  if (s.power === 1 && s.final_lr <= s.base_lr && s.base_lr > 0) {
    return [s.base_lr, `LinearLR(optimizer, start_factor=1.0, end_factor=${r(s.final_lr / s.base_lr)}, total_iters=${s.updates})`, AGAIN];
  }
  return s.final_lr === 0 ? [s.base_lr, `PolynomialLR(optimizer, total_iters=${s.updates}, power=${r(s.power)})`, AGAIN] : null;
}

// Returns the rate that a class multiplies, and its constructor, "" for a constant; null without a class.
function linkOf(s) {
  const across = (first, last, updates) => first ? [Math.max(first, last), `LinearLR(optimizer, ${r(first / Math.max(first, last))}, ${r(last / Math.max(first, last))}, ${updates})`] : null;
  if (s.kind === "constant") return [s.base_lr, ""];
  if (["multi_factor", "exponential"].includes(s.kind) || s.kind === "factor" && !s.min_lr) return singleOf(s)?.slice(0, 2) ?? null;
  if (s.kind === "warmup" && s.mode === "linear" && s.then.kind === "constant" && [null, s.then.base_lr].includes(s.peak_lr)) {
    return across(s.begin_lr, s.then.base_lr, s.updates);
  }
  if (s.kind !== "polynomial") return null;
  if (s.power === 1) return across(s.base_lr, s.final_lr, s.updates);
  return s.final_lr === 0 ? [s.base_lr, `PolynomialLR(optimizer, ${s.updates}, power=${r(s.power)})`] : null;
}

// Returns a sentence that names the updates at which compiled code of Keras, which divides by another number, differs.
function divisionNote(every, late, early) {
  if (every > 2 ** 20) return "";
  const share = Math.fround(1 / every), done = t => Math.floor(Math.fround(t * share));
  const counted = Array.from({length: 1000}, (_, i) => i + 1);
  const cases = [[counted.filter(n => done(n * every) < n).map(n => n * every), late],
    [counted.filter(n => done(n * every - 1) >= n).map(n => n * every - 1), early]];
  const parts = cases.filter(([updates]) => updates.length).map(([updates, what]) => `${what} at ${updates.length === 1 ? "update" : "updates"} ` +
    updates.slice(0, 3).join(", ") + (updates.length > 3 ? " and others" : ""));
  return parts.length ? `In compiled code, as in every fit, t / ${every} becomes t * (1 / ${every}) in float32: ${parts.join("; ")}.` : "";
}
const DROPS = ["the rate before the drop still applies", "the rate after the drop already applies"];
const RESTARTS = ["the cycle before is at its end for one update more", "the next cycle has begun already"];

// Returns the constructor of Keras for a schedule without an end; null for others.
function endlessOf(s) {
  const steps = increasingSteps(s);
  if (steps) return `ExponentialDecay(${r(steps[0].base_lr)}, ${steps[1]}, ${r(steps[0].factor)}, staircase=True)`;
  if (s.kind === "exponential" && isUnbounded(s)) return `ExponentialDecay(${r(s.base_lr)}, ${s.updates}, ${r(s.factor)})`;
  if (s.kind === "inverse_time") return `InverseTimeDecay(${r(s.base_lr)}, ${r(s.timescale)}, 1.0)`;
  const found = restartsIn(s);
  if (!found || found.warmup || !found.base_lr || found.sinks === "peak" && found.decay < 1 && found.final_lr) return null;
  return `CosineDecayRestarts(${r(found.base_lr)}, ${found.updates}, t_mul=${r(found.growth)}${found.decay < 1 ? `, m_mul=${r(found.decay)}` : ""}, ` +
    `alpha=${r(found.final_lr / found.base_lr)})`;
}

// The functions that return code with a built-in class and its note, null without such a class.
const BUILT_IN = {
  torch(s) {
    for (const find of TORCH) {
      const found = find(s);
      if (!found) continue;
      const [base, constructor, note] = found;
      const names = [...new Set([...constructor.matchAll(/(\w+LR|\w+WarmRestarts|ChainedScheduler)\(/g)].map(match => match[1]))].sort();
      return [`import torch\nfrom torch.optim.lr_scheduler import ${names.join(", ")}\n\noptimizer = torch.optim.SGD(model.parameters(), lr=${r(base)})\n` +
        `scheduler = ${constructor}  # scheduler.step() after every update\n`, note];
    }
    return null;
  },
  mxnet(s) {
    const write = (constructor, note = "") => ["from mxnet import lr_scheduler as schedulers  # with NumPy 1.24 or later, set numpy.bool = bool before\n\n" +
      `lr_scheduler = schedulers.${constructor}\n`, note];
    const [inner, updates] = stripHolds(s);
    if (inner.kind === "factor") {
      return write(`FactorScheduler(${inner.every * updates}, ${r(inner.factor)}, stop_factor_lr=${r(inner.min_lr)}, base_lr=${r(inner.base_lr)})`);
    }
    if (inner.kind === "multi_factor") {
      return write(`MultiFactorScheduler(${numerals(inner.milestones.map(t => t * updates))}, ${r(inner.factor)}, base_lr=${r(inner.base_lr)})`);
    }
    const [unshifted, early] = stripShift(s), [warm, after] = splitWarmup(unshifted);
    if (!["polynomial", "cosine"].includes(after.kind) || warm && (warm.begin_lr > after.base_lr || !["linear", "constant"].includes(warm.mode))) return null;
    const steps = warm?.updates ?? 0;
    return write(`${after.kind === "cosine" ? "CosineScheduler" : "PolyScheduler"}(${after.updates + steps}, base_lr=${r(after.base_lr)}, final_lr=${r(after.final_lr)}` +
      (after.kind === "polynomial" ? `, pwr=${r(after.power)}` : "") +
      (warm ? `, warmup_steps=${steps}, warmup_begin_lr=${r(warm.begin_lr)}, warmup_mode='${warm.mode}'` : "") + ")",
      early ? "" : "A Trainer calls it with 1 first: every rate comes one update early.");
  },
  tensorflow(s) {
    const usual = "It computes in float32.", [inner, updates] = stripHolds(s), endless = endlessOf(s);
    const write = (constructor, note = usual) => [`from keras.optimizers.schedules import ${constructor.split("(")[0]}\n\n` +
      `learning_rate = ${constructor}  # keras.optimizers.SGD(learning_rate)\n`, note];
    if (endless) {
      const steps = increasingSteps(s), found = restartsIn(s);
      return write(endless, sentences(usual, inner.kind === "exponential" && inner.factor > 1 && UNBOUNDED,
        steps ? divisionNote(steps[1], ...DROPS) : found?.growth === 1 && divisionNote(found.updates, ...RESTARTS)));
    }
    if (inner.kind === "factor") {
      const every = inner.every * updates;
      return write(`ExponentialDecay(${r(inner.base_lr)}, ${every}, ${r(inner.factor)}, staircase=True)`,
        sentences(inner.min_lr ? "It has no floor, and computes in float32." : usual, divisionNote(every, ...DROPS)));
    }
    if (inner.kind === "multi_factor") {
      const values = Array.from({length: inner.milestones.length + 1}, (_, n) => r(inner.base_lr * wholePower(inner.factor, n)));
      return write(`PiecewiseConstantDecay(${numerals(inner.milestones.map(t => t * updates - 1))}, ${numerals(values)})`, "");
    }
    if (s.kind === "polynomial" || s.kind === "polynomial_cycle") {
      const given = `${r(s.base_lr)}, ${s.updates}, ${r(s.final_lr)}, power=${r(s.power)}`;
      return s.kind === "polynomial" ? write(`PolynomialDecay(${given})`)
        : write(`PolynomialDecay(${given}, cycle=True)`, `${usual} Compiled code, as in fit, jumps one update early at some ends.`);
    }
    const [unshifted, early] = stripShift(s), [warm, after] = splitWarmup(unshifted);
    if (after.kind !== "cosine" || !after.base_lr || early && (!warm || warm.updates < 2)) return null;
    const share = after.final_lr / after.base_lr;
    if (!warm) return write(`CosineDecay(${r(after.base_lr)}, ${after.updates}, alpha=${r(share)})`);
    if (warm.mode !== "linear") return null;
    const first = warm.begin_lr + (after.base_lr - warm.begin_lr) * early / warm.updates;
    return write(`CosineDecay(${r(first)}, ${after.updates}, alpha=${r(share)}, warmup_target=${r(after.base_lr)}, warmup_steps=${warm.updates - early})`);
  },
  optax(s) {
    const usual = "It computes in float32, unless jax_enable_x64 is set.";
    const ending = `${usual} Jitted, its end can be just below final_lr, or nan.`;
    const write = (constructor, note = usual) => [`import optax\n\nschedule = optax.${constructor}\noptimizer = optax.sgd(schedule)\n`, note];
    if (s.kind === "constant") return write(`constant_schedule(${r(s.base_lr)})`, "");
    if (s.kind === "multi_factor") {
      return write(`piecewise_constant_schedule(${r(s.base_lr)}, {${s.milestones.map(t => `${t}: ${r(s.factor)}`).join(", ")}})`);
    }
    if (s.kind === "factor" && s.factor < 1) {
      return write(`exponential_decay(${r(s.base_lr)}, ${s.every}, ${r(s.factor)}, staircase=True${s.min_lr ? `, end_value=${r(s.min_lr)}` : ""})`);
    }
    if (s.kind === "exponential" && s.factor !== 1) {
      return write(`exponential_decay(${r(s.base_lr)}, ${s.updates}, ${r(s.factor)}${s.factor > 1 ? `, end_value=${r(s.max_lr)}` : ""})`);
    }
    if (s.kind === "annealing") {
      const {base_lr: base, final_lr: last, updates, shape, power} = s;
      if (s.elapsed || s.elapsed_power !== 1 || !Number.isInteger(updates) || !base) return null;
      if (shape === "cosine") return write(`cosine_decay_schedule(${r(base)}, ${updates}, alpha=${r(last / base)}, exponent=${r(power)})`);
      if (shape === "linear") return write(`polynomial_schedule(${r(base)}, ${r(last)}, ${r(power)}, ${updates})`, ending);
      return base === last ? null : write(`exponential_decay(${r(base)}, ${updates}, ${r(last / base)}, end_value=${r(last)})`);
    }
    if (s.kind === "polynomial") return write(`polynomial_schedule(${r(s.base_lr)}, ${r(s.final_lr)}, ${r(s.power)}, ${s.updates})`, ending);
    const [warm, after] = splitWarmup(s);
    if (after.kind !== "cosine" || !after.base_lr) return null;
    if (!warm) return write(`cosine_decay_schedule(${r(after.base_lr)}, ${after.updates}, alpha=${r(after.final_lr / after.base_lr)})`);
    return warm.mode !== "linear" ? null : write(`warmup_cosine_decay_schedule(${r(warm.begin_lr)}, ${r(after.base_lr)}, ${warm.updates}, ` +
      `${warm.updates + after.updates}, end_value=${r(after.final_lr)})`);
  },
};

// Returns the spellings of a schedule for a framework: with a built-in class, if there is one, and self-contained.
function spellingsOf(schedule, target) {
  const found = BUILT_IN[target](schedule) ?? BUILT_IN[target](expanded(schedule));
  return {built_in: found && {code: found[0], note: found[1]}, exact: exactCode(schedule, target)};
}
