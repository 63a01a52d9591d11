"use strict";
// Reads the constructors of PyTorch, as parity/port/read/torch.py does. All but three multiply the optimizer's rate.

// Returns the initial rate of the optimizer.
function rateOf(a, {lr}) {
  const {optimizer} = a;
  checkOptimizer(optimizer);
  if (a.last_epoch !== undefined && a.last_epoch !== -1n) refuse("last_epoch must be -1");
  const written = "call" in optimizer ? writtenRate(optimizer) : null;
  if (written === null && lr === null) refuse("the rate that the optimizer was made with is needed: fill in “rate of the optimizer”");
  if (written !== null && lr !== null && lr !== written) refuse(`${optimizer.call} is made with the rate ${floatText(written)}, not ${floatText(lr)}`);
  return numberOf(written ?? lr, "lr");
}

function checkOptimizer(optimizer) {
  if (optimizer === null || typeof optimizer !== "object" || Array.isArray(optimizer) || optimizer instanceof Map) {
    refuse(`optimizer must be the optimizer, or a name such as optimizer, got ${valueText(optimizer)}`);
  }
}

// Returns the rate in the call of an optimizer, or its default; null if it is not known.
function writtenRate({call, given, named}) {
  const known = Object.hasOwn(DOCUMENT.optimizers, call) ? DOCUMENT.optimizers[call] : null;
  if (!known) return "lr" in named ? numberOf(named.lr, "lr") : null;
  for (const option of Object.keys(named)) if (!known.options.includes(option)) refuse(`${call} has no argument ${option}`);
  const params = named.params ?? given[0];
  if (Array.isArray(params)) refuse(`${call}: this page does not read parameter groups`);
  const rate = named.lr ?? given[1] ?? readPython(known.rate);
  return rate !== null && typeof rate === "object" ? null : numberOf(rate, "lr");
}

const calls = schedulers => Array.isArray(schedulers) && schedulers.length &&
  schedulers.every(item => item !== null && typeof item === "object" && "call" in item) ? schedulers
  : refuse("schedulers must be a list of their constructors, written out");

// Refuses an optimizer that is written out where several schedulers must share it.
function checkShared(optimizer, schedulers) {
  for (const each of [optimizer, ...schedulers.map(call => call.named.optimizer ?? call.given[0])]) {
    if (each && typeof each === "object" && "call" in each) {
      refuse("all schedulers must have the same optimizer: give it a name, such as optimizer, and its rate beside the text");
    }
  }
}

const SETTING = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR", "SWALR"];
const ONCE_MORE = ["ExponentialLR", "PolynomialLR", "CosineAnnealingLR"];
const PLACES = {ConstantLR: 2, LinearLR: 3, PolynomialLR: 1};

// Refuses parts of a SequentialLR that do not restart at its milestone.
function checkSequence(all, asked, same) {
  all.forEach((part, i) => {
    if (part.call === "SWALR" && all.length > 1) refuse("SWALR counts its steps itself and is read alone only");
    if (part.call === "OneCycleLR" && all.length > 1 && (i || !same) || part.call === "CyclicLR" && i + 1 < all.length) {
      refuse(`${part.call} overwrites the rate from which the others start`);
    }
  });
  asked.forEach((part, i) => {
    if (part.call === "SequentialLR") refuse("nested SequentialLR is not supported: torch steps the inner one once too often when it is built");
    if (part.call === "ChainedScheduler" && i) refuse("a ChainedScheduler cannot follow a milestone: torch raises NotImplementedError");
    if (!i || !(part.call in PLACES)) return;
    const total = part.named.total_iters ?? part.given[PLACES[part.call]];
    if (isNumber(total) && Number(total) === 0) refuse(`a ${part.call} with total_iters=0 cannot follow a milestone`);
  });
}

// Refuses a chain whose rates are not the product of its factors. until: from where the factors of all others are 1.
function checkChain(schedulers, until) {
  if (schedulers.length < 2) return;
  for (const call of schedulers) {
    if (SETTING.includes(call.call)) refuse(`${call.call} sets the rate, so that what is chained before it has no effect`);
    if (call.call !== "CosineAnnealingLR") continue;
    const {eta_min, T_max} = bindArguments("torch", call);
    if (Number(eta_min) !== 0 || until > Number(T_max)) {
      refuse("CosineAnnealingLR multiplies the rate only if eta_min is 0, and until T_max: the others must be over by then");
    }
  }
}

// Returns the update from which a share is 1; infinity without such an update.
function endOf(share) {
  if (share.kind === "constant" && share.base_lr === 1) return 0;
  const last = share.kind === "sequence" ? share.parts[share.parts.length - 1] : share;
  const {lr, horizon} = valid(last);
  return ["constant", "polynomial"].includes(last.kind) && lr(horizon) === 1 ? valid(share).horizon : Infinity;
}

const flattened = all => all.flatMap(call => call.call === "ChainedScheduler"
  ? flattened(calls(bindArguments("torch", call).schedulers)) : [call]);

function product(c, all) {
  const shares = all.map(call => readCall(call, {...c, lr: 1}));
  const cosines = all.filter(call => call.call === "CosineAnnealingLR").length;
  const ends = shares.filter((_, i) => all[i].call !== "CosineAnnealingLR").map(endOf);
  checkChain(all, cosines < 2 ? Math.max(0, ...ends) : Infinity);
  return {kind: "product", of: [readCall(all[0], c), ...shares.slice(1)]};
}

// Rounds a half to the even number, as Python does.
const roundEven = x => Math.abs(x % 1) === .5 ? 2 * Math.round(x / 2) : Math.round(x);

READERS.torch = {
  StepLR(a, c) {
    const base = rateOf(a, c), factor = above0(a, "gamma"), every = count(a, "step_size", 1);
    return factor > 1 ? increase(c, base, factor, every, true) : drops(base, factor, every);
  },
  MultiStepLR(a, c) {
    const base = rateOf(a, c), factor = above0(a, "gamma");
    return dropAt("gamma", base, factor, list(a, "milestones").map(step => wholeOf(step, "milestones", {floats: true})));
  },
  ConstantLR(a, c) {
    const base = rateOf(a, c), share = num(a, "factor", 0, 1), updates = count(a, "total_iters");
    return !updates || share === 1 ? constant(base * share) : join_([updates], constant(base * share), constant(base));
  },
  LinearLR(a, c) {
    const base = rateOf(a, c), first = num(a, "start_factor", 0, 1), last = num(a, "end_factor", 0, 1);
    if (first === 0) refuse("start_factor must be above 0: torch refuses a warm-up from 0");
    const updates = count(a, "total_iters");
    return updates ? line(base * first, base * last, updates) : constant(base * first);
  },
  ExponentialLR(a, c) {
    const base = rateOf(a, c), factor = above0(a, "gamma");
    return factor <= 1 ? drops(base, factor, 1) : increase(c, base, factor, 1);
  },
  PolynomialLR(a, c) {
    const power = num(a, "power"), base = rateOf(a, c), updates = count(a, "total_iters");
    return power && updates ? bend(base, 0, updates, power) : constant(base);
  },
  CosineAnnealingLR: (a, c) => swing(rateOf(a, c), num(a, "eta_min"), count(a, "T_max", 1)),
  CosineAnnealingWarmRestarts: (a, c) => restarts(rateOf(a, c), num(a, "eta_min"), whole(a, "T_0", 1), whole(a, "T_mult", 1)),
  CyclicLR(a, c) {
    checkOptimizer(a.optimizer);
    if (a.last_epoch !== -1n) refuse("last_epoch must be -1");
    if (a.scale_fn !== null) refuse("scale_fn must be None: its rates are whatever its function returns");
    const mode = word(a, "mode", ["triangular", "triangular2", "exp_range"]);
    const low = num(a, "base_lr"), high = num(a, "max_lr"), up = count(a, "step_size_up", 1);
    const down = a.step_size_down === null ? up : count(a, "step_size_down", 1);
    if (mode === "exp_range" && Number(a.gamma) !== 1) {
      const factor = above0(a, "gamma");
      if (high < low) refuse("max_lr must be at least base_lr for mode='exp_range'");
      const height = factor > 1 ? increase(c, high - low, factor, 1) : decayOf(high - low, factor, 1);
      const decay = {kind: "product", of: [cycles(0, 1, up, down), height]};
      return low ? {kind: "sum", of: [constant(low), decay]} : decay;
    }
    return cycles(low, high, up, down, mode === "triangular2" ? {decay: .5, min_lr: low} : {});
  },
  OneCycleLR(a) {
    checkOptimizer(a.optimizer);
    if (a.last_epoch !== -1n) refuse("last_epoch must be -1");
    if (a.total_steps === null && (a.epochs === null || a.steps_per_epoch === null)) refuse("needs total_steps, or epochs and steps_per_epoch");
    const total = a.total_steps === null ? whole(a, "epochs", 1) * whole(a, "steps_per_epoch", 1) : whole(a, "total_steps", 1);
    const share = num(a, "pct_start", 0, 1), high = num(a, "max_lr");
    const first = high / positiveNum(a, "div_factor"), last = first / positiveNum(a, "final_div_factor");
    const three = flag(a, "three_phase"), cosine = word(a, "anneal_strategy", ["cos", "linear"]) === "cos";
    const rates = three ? [first, high, first, last] : [first, high, last];
    const ends = three ? [share * total - 1, 2 * share * total - 2, total - 1] : [share * total - 1, total - 1];
    const lengthsOf = all => all.map((end, i) => end - (i ? all[i - 1] : 0));
    const turns = ends.map(roundEven), lengths = lengthsOf(turns);
    const near = ends.every((end, i) => Math.abs(end - turns[i]) * high <= 1e-9 * rates[i + 1]);
    if (Math.min(...lengthsOf(ends)) <= 0 || near && Math.min(...lengths) < 1) refuse("each of its phases must be longer than 0 updates");
    if (!near) return curves(rates, ends, cosine ? "cosine" : "linear");
    return join_(lengths.slice(0, -1), ...lengths.map((length, i) => (cosine ? halfCosine : line)(rates[i], rates[i + 1], length)));
  },
  SWALR(a, c) {
    const base = rateOf(a, c), last = num(a, "swa_lr"), updates = whole(a, "anneal_epochs");
    const cosine = word(a, "anneal_strategy", ["cos", "linear"]) === "cos";
    return updates ? (cosine ? halfCosine : line)(base, last, updates) : constant(last);
  },
  SequentialLR(a, c) {
    const all = calls(a.schedulers);
    checkShared(a.optimizer, all);
    const base = rateOf(a, c), milestones = list(a, "milestones");
    if (milestones.length !== all.length - 1) refuse(`needs one milestone fewer than its ${all.length} schedulers`);
    const starts = [0, ...milestones.map(step => Math.max(0, wholeOf(step, "milestones", {least: null, floats: true})))];
    if (starts.some((t, i) => i && t < starts[i - 1])) refuse("milestones must increase");
    const asked = all.filter((_, i) => i + 1 === all.length || starts[i] < starts[i + 1]);
    const same = all[0].call === "OneCycleLR" && Math.abs(valid(readCall(all[0], c)).lr(0) - base) <= 1e-12 * base;
    checkSequence(all, asked, same);
    if (asked[0].call === "ChainedScheduler") {
      for (const {call} of flattened([asked[0]])) {
        if (ONCE_MORE.includes(call)) refuse(`${call} in a ChainedScheduler that comes first multiplies once more`);
      }
    }
    const parts = asked.map(call => readCall(call, c)), boundaries = [...new Set(starts.filter(Boolean))];
    return boundaries.length ? sequence(parts, boundaries) : parts[0];
  },
  ChainedScheduler(a, c) {
    const all = flattened(calls(a.schedulers)), optimizer = a.optimizer ?? {name: "optimizer"};
    checkShared(optimizer, all);
    const base = rateOf({optimizer}, c), shares = all.filter(call => call.call === "ConstantLR");
    const rest = all.filter(call => !shares.includes(call));
    if (rest.length > 1) return product(c, [...rest, ...shares]);
    let result = rest.length ? readCall(rest[0], c) : constant(base);
    const steps = shares.map(call => readCall(call, c)), changes = steps.filter(step => step.kind !== "constant" || step.base_lr !== base);
    checkChain(all, Math.max(0, ...changes.map(step => step.kind === "sequence" ? step.boundaries[0] : Infinity)));
    for (const step of steps) {
      if (step.kind === "sequence") {
        const [first, second] = step.parts.map(part => part.base_lr), [t] = step.boundaries;
        result = sequence([{kind: "scale", by: second ? first / second : 1, of: result}, shift(t, result)], [t]);
      } else if (base) result = {kind: "scale", by: step.base_lr / base, of: result};
    }
    return result;
  },
};
