"use strict";
// Reads the constructors of Keras, MXNet and optax, as parity/port/read does for keras, mxnet and optax.

// Returns the initial rate of a class of Keras, which computes in its type.
function initial(a) {
  const value = a.initial_learning_rate;
  if (typeof value === "bigint" && value) refuse(`initial_learning_rate must be a float, got ${value}: Keras computes in whole numbers with it; write ${value}.0`);
  return numberOf(value, "initial_learning_rate");
}

READERS.tensorflow = {
  ExponentialDecay(a, c) {
    const base = initial(a), rate = above0(a, "decay_rate"), every = count(a, "decay_steps", 1), steps = flag(a, "staircase");
    if (rate > 1) return increase(c, base, rate, every, steps);
    return steps || every === 1 ? drops(base, rate, every) : decayOf(base, rate, every);
  },
  InverseTimeDecay(a) {
    const base = initial(a), rate = num(a, "decay_rate"), steps = positiveNum(a, "decay_steps");
    if (rate === 0) return constant(base);
    const inverse = timescale => ({kind: "inverse_time", base_lr: base, timescale});
    return flag(a, "staircase") ? {kind: "hold", updates: count(a, "decay_steps", 1), of: inverse(1 / rate)} : inverse(steps / rate);
  },
  PiecewiseConstantDecay(a) {
    const steps = counts(a, "boundaries", {least: 0, floats: true}), values = list(a, "values");
    if (values.length !== steps.length + 1) refuse("boundaries must be one fewer than values");
    if (new Set(values.map(value => typeof value === "number")).size > 1) refuse("values must all be floats: Keras raises TypeError for whole numbers among them");
    return sequence(values.map(value => constant(numberOf(value, "values"))), steps.map(step => step + 1));
  },
  PolynomialDecay(a) {
    const power = num(a, "power"), base = initial(a), last = num(a, "end_learning_rate"), updates = count(a, "decay_steps", 1);
    if (!power) return constant(base);
    return {...bend(base, last, updates, power), kind: flag(a, "cycle") ? "polynomial_cycle" : "polynomial"};
  },
  CosineDecay(a) {
    const base = initial(a), updates = count(a, "decay_steps", 1), share = num(a, "alpha"), warm = count(a, "warmup_steps");
    if (a.warmup_target === null) return halfCosine(base, share * base, updates);
    const target = num(a, "warmup_target");
    return rise(warm, base, halfCosine(target, share * target, updates), {peak_lr: target});
  },
  CosineDecayRestarts(a, c) {
    const base = initial(a), length = count(a, "first_decay_steps", 1), times = num(a, "t_mul"), lower = num(a, "m_mul");
    const low = num(a, "alpha") * base;
    if (times < 1 || !Number.isInteger(times)) refuse("t_mul must be a whole number of at least 1: the specification counts whole updates");
    if (times === 1 && lower === 1) return restarts(base, low, length, 1);
    if (lower > 0 && lower <= 1) return {kind: "cosine_restarts", base_lr: base, final_lr: low, updates: length, growth: times, decay: lower};
    if (lower === 0) return join_([length], halfCosine(base, low, length), constant(low));
    const lengths = [];
    for (let next = length, sum = 0; lengths.length < 8 && (!sum || sum + next <= MAX_COUNT); next *= times) {
      lengths.push(next);
      sum += next;
    }
    c.followed.push(lengths.reduce(add));
    return join_(lengths.slice(0, -1), ...lengths.map((each, done) => halfCosine(low + (base - low) * wholePower(lower, done), low, each)));
  },
};

// Returns the warm-up of a class of MXNet.
function warmupOf(a, peak) {
  const updates = whole(a, "warmup_steps"), begin = num(a, "warmup_begin_lr");
  if (begin > peak) refuse(`Base lr has to be higher than warmup_begin_lr, got ${floatText(peak)} and ${floatText(begin)}`);
  return {updates, begin, mode: word(a, "warmup_mode", ["linear", "constant"])};
}

// Puts a warm-up before a schedule that counts its updates too. Called with 1 first, it ends one update sooner.
function warmBefore(a, after, peak) {
  const {updates, begin, mode} = warmupOf(a, peak);
  if (updates < 2) return after;
  const warm = shift(1, rise(updates, begin, constant(peak), {peak_lr: peak, mode}));
  return sequence([warm, shift(updates - 1, after)], [updates - 1]);
}

// Returns a curve that ends with max_update, which includes its warm-up.
function curveUntil(a, c, curve) {
  const last = whole(a, "max_update", 1), base = num(a, "base_lr"), {updates, begin, mode} = warmupOf(a, base);
  const held = updates > last && c.lr !== null ? c.lr : base;
  if (updates === last) refuse(`warmup_steps and max_update are both ${last}: the class divides by 0 at its update ${last}`);
  const after = last > updates ? curve(base, last - updates) : constant(held);
  return shift(1, rise(updates, begin, after, {peak_lr: base, mode}));
}

const factorOf = a => num(a, "factor", null) > 1 ? refuse(`Factor must be no more than 1 to make lr reduce, got ${valueText(a.factor)}`) : Number(a.factor);

READERS.mxnet = {
  FactorScheduler(a, c) {
    const every = num(a, "step", 1), factor = factorOf(a), peak = num(a, "base_lr"), floor = num(a, "stop_factor_lr");
    const base = c.lr ?? peak;
    if (floor > base || factor <= 0) {
      const t = Math.floor(every);
      return warmBefore(a, sequence([constant(base), constant(floor)], [t]), peak);
    }
    if (!Number.isInteger(every)) refuse(`this page reads a whole step only, got ${valueText(a.step)}`);
    return warmBefore(a, drops(base, factor, every, Math.min(floor, base)), peak);
  },
  MultiFactorScheduler(a, c) {
    if (!Array.isArray(a.step) || a.step.tuple || !a.step.length) refuse(`step must be a list of numbers, got ${valueText(a.step)}`);
    const steps = a.step.map(item => numberOf(item, "step", 1)), peak = num(a, "base_lr");
    if (!grows(steps)) refuse("step must increase");
    return warmBefore(a, dropAt("factor", c.lr ?? peak, factorOf(a), steps.map(Math.floor)), peak);
  },
  PolyScheduler(a, c) {
    const power = num(a, "pwr");
    return curveUntil(a, c, (base, updates) => power ? bend(base, num(a, "final_lr"), updates, power) : constant(base));
  },
  CosineScheduler: (a, c) => curveUntil(a, c, (base, updates) => halfCosine(base, num(a, "final_lr"), updates)),
};

const beginAfter = (updates, first, then) => updates ? join_([updates], constant(first), then) : then;
const cosineOf = (first, last, updates, power) => power === 1 ? halfCosine(first, last, updates)
  : annealing({shape: "cosine", base_lr: first, final_lr: last, updates, power});

// Returns lines or cosines from each rate to the next, which end at whole updates.
function phases(rates, ends, shape) {
  const lengths = ends.map((end, i) => end - (i ? ends[i - 1] : 0));
  if (Math.min(...lengths) < 1) refuse("each phase must have an update");
  return join_(lengths.slice(0, -1), ...lengths.map((length, i) => shape(rates[i], rates[i + 1], length)));
}

// Returns the rates between the boundaries of a dict of boundaries and scales, and the boundaries.
function scaled(a) {
  const given = a.boundaries_and_scales;
  if (given !== null && !(given instanceof Map)) refuse("boundaries_and_scales must be a dict");
  const rates = [num(a, "init_value")], ends = [];
  const pairs = [...given ?? []].map(([t, scale]) => [wholeOf(t, "boundaries_and_scales", {least: 1}),
    numberOf(scale, "boundaries_and_scales")]);
  for (const [t, scale] of pairs.sort((x, y) => x[0] - y[0])) {
    ends.push(t);
    rates.push(rates[rates.length - 1] * scale);
  }
  return {rates, ends, lengths: ends.map((end, i) => end - (i ? ends[i - 1] : 0))};
}

READERS.optax = {
  constant_schedule: a => constant(num(a, "value")),
  linear_schedule: a => READERS.optax.polynomial_schedule({...a, power: 1n}),
  polynomial_schedule(a) {
    const first = num(a, "init_value"), last = num(a, "end_value"), steps = whole(a, "transition_steps", null);
    const begin = whole(a, "transition_begin", null);
    return steps <= 0 ? constant(first) : beginAfter(Math.max(begin, 0), first, bend(first, last, steps, positiveNum(a, "power")));
  },
  piecewise_constant_schedule(a) {
    const {rates, lengths} = scaled(a);
    return join_(lengths, ...rates.map(constant));
  },
  piecewise_interpolate_schedule(a) {
    const shape = word(a, "interpolate_type", ["linear", "cosine"]) === "linear" ? line : halfCosine, {rates, lengths} = scaled(a);
    return join_(lengths, ...lengths.map((length, i) => shape(rates[i], rates[i + 1], length)), constant(rates[rates.length - 1]));
  },
  exponential_decay(a) {
    const first = num(a, "init_value"), factor = above0(a, "decay_rate"), steps = whole(a, "transition_steps", 1);
    const begin = whole(a, "transition_begin"), end = a.end_value === null ? null : num(a, "end_value");
    const staircase = flag(a, "staircase");
    if (end !== null && (factor < 1 ? end >= first : end <= first)) return constant(end);
    if (factor > 1) {
      if (staircase) refuse("staircase must be False with a decay_rate above 1: not expressible");
      return beginAfter(begin, first, {...decayOf(first, factor, steps), max_lr: end ?? MAX_RATE});
    }
    if (staircase) return beginAfter(begin, first, drops(first, factor, steps, end ?? 0));
    const falling = decayOf(first, factor, steps);
    return beginAfter(begin, first, end ? {kind: "clamp", min_lr: end, max_lr: first, of: falling} : falling);
  },
  cosine_decay_schedule(a) {
    const first = num(a, "init_value");
    return cosineOf(first, num(a, "alpha") * first, whole(a, "decay_steps", 1), positiveNum(a, "exponent"));
  },
  linear_onecycle_schedule(a) {
    const total = whole(a, "transition_steps", 1), high = num(a, "peak_value"), low = high / positiveNum(a, "div_factor");
    const ends = ["pct_start", "pct_final"].map(name => Math.trunc(num(a, name, 0, 1) * total));
    return phases([low, high, low, low / positiveNum(a, "final_div_factor")], [...ends, total], line);
  },
  cosine_onecycle_schedule(a) {
    const total = whole(a, "transition_steps", 1), high = num(a, "peak_value"), low = high / positiveNum(a, "div_factor");
    return phases([low, high, low / positiveNum(a, "final_div_factor")], [Math.trunc(num(a, "pct_start", 0, 1) * total), total], halfCosine);
  },
  warmup_constant_schedule: a => READERS.optax.linear_schedule({init_value: a.init_value, end_value: a.peak_value,
    transition_steps: a.warmup_steps, transition_begin: 0n}),
  warmup_cosine_decay_schedule(a) {
    const high = num(a, "peak_value"), warm = whole(a, "warmup_steps"), left = whole(a, "decay_steps", 1) - warm;
    if (left < 1) refuse(`decay_steps includes the warm-up: it must be above warmup_steps, ${warm}`);
    return rise(warm, num(a, "init_value"), cosineOf(high, num(a, "end_value"), left, positiveNum(a, "exponent")));
  },
  warmup_exponential_decay_schedule(a) {
    const after = READERS.optax.exponential_decay({...a, init_value: a.peak_value}), warm = whole(a, "warmup_steps");
    return rise(warm, num(a, "init_value"), after);
  },
  join_schedules(a, c) {
    const all = list(a, "schedules");
    if (!all.every(item => item !== null && typeof item === "object" && "call" in item)) refuse("schedules must be a list of their constructors, written out");
    const ends = list(a, "boundaries").length ? counts(a, "boundaries") : [];
    if (ends.length !== all.length - 1) refuse(`boundaries must be one fewer than schedules, got ${ends.length} and ${all.length}`);
    const parts = all.map(call => readCall(call, c));
    return ends.length ? sequence(parts, ends) : parts[0];
  },
};
