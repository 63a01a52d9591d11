"use strict";
// The specification in JavaScript: a function for each kind, with the operations of frameworks/schedule in their order.
//
// t is the number of optimizer updates already made. The first update sees t = 0, and uses lr(0).
//
// build(schedule) takes a schedule with all its fields, which check() of rules.js has accepted, and returns
//   lr(t)    the rate in float64
//   horizon  the first t from which no further case of the formula begins; 0 if there is only one case
//   largest  an upper bound of the rates
// Counts are exact up to 2^53; a larger one, such as t + by, is rounded to float64.
// It remembers what it has built, so a schedule must not change afterwards.

const MAX_COUNT = 2 ** 53;

// Returns the whole number of times that n fits into t: t / n may be rounded up to the next whole number.
const quotient = (t, n) => (t - t % n) / n;
const square = x => x * x;
const add = (a, b) => a + b;
const multiply = (a, b) => a * b;

// Returns how many of some increasing numbers are at most t.
function passed(numbers, t) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= t) low = middle + 1; else high = middle;
  }
  return low;
}

const KINDS = {
  constant: s => ({lr: () => s.base_lr, horizon: 0, largest: s.base_lr}),

  factor(s) {
    let horizon = s.every;
    if (s.factor === 1 || s.base_lr === 0) horizon = 0;
    else if (s.min_lr > 0) {
      horizon = Math.ceil((Math.log(s.min_lr) - Math.log(s.base_lr)) / Math.log(s.factor)) * s.every;
    }
    const lr = t => Math.max(s.min_lr, s.base_lr * Math.pow(s.factor, quotient(t, s.every)));
    return {lr, horizon, largest: s.base_lr};
  },

  multi_factor: s => ({lr: t => s.base_lr * Math.pow(s.factor, passed(s.milestones, t)),
    horizon: s.milestones[s.milestones.length - 1], largest: s.base_lr}),

  inverse_square_root: s => ({lr: t => s.base_lr * Math.sqrt(s.timescale / (t + s.timescale)),
    horizon: 0, largest: s.base_lr}),

  inverse_time: s => ({lr: t => s.base_lr * (s.timescale / (t + s.timescale)), horizon: 0, largest: s.base_lr}),

  power_law: s => ({lr: t => s.base_lr * Math.exp(-s.power * Math.log1p(t / s.timescale)),
    horizon: 0, largest: s.base_lr}),

  polynomial(s) {
    const lr = t => s.final_lr +
      (s.base_lr - s.final_lr) * Math.pow(1 - Math.min(t, s.updates) / s.updates, s.power);
    return {lr, horizon: s.updates, largest: Math.max(s.base_lr, s.final_lr)};
  },

  polynomial_cycle(s) {
    const lr = t => {
      const left = t ? (s.updates - t % s.updates) % s.updates : s.updates;  // the end itself may be above 2^53
      return s.final_lr + (s.base_lr - s.final_lr) * Math.pow(left / (t + left), s.power);
    };
    return {lr, horizon: s.updates, largest: Math.max(s.base_lr, s.final_lr)};
  },

  cosine(s) {
    const lr = t => s.final_lr +
      (s.base_lr - s.final_lr) * (1 + Math.cos(Math.PI * Math.min(t, s.updates) / s.updates)) / 2;
    return {lr, horizon: s.updates, largest: Math.max(s.base_lr, s.final_lr)};
  },

  cosine_restarts(s) {
    const lr = t => {
      let done = 0, length = s.updates;
      if (s.growth === 1) [done, t] = [quotient(t, length), t % length];
      else while (t >= length) [done, t, length] = [done + 1, t - length, length * s.growth];
      const share = t < s.warmup ? t / s.warmup
        : (1 + Math.cos(Math.PI * (t - s.warmup) / (length - s.warmup))) / 2;
      const sunk = Math.pow(s.decay, done);
      return s.sinks === "peak" ? s.final_lr * (1 - share) + s.base_lr * sunk * share
        : s.final_lr + (s.base_lr - s.final_lr) * sunk * share;
    };
    return {lr, horizon: s.updates, largest: Math.max(s.base_lr, s.final_lr)};
  },

  exponential(s) {
    const increases = s.factor > 1 && s.base_lr > 0, cap = s.max_lr ?? Infinity;
    const reached = increases ? (Math.log(cap) - Math.log(s.base_lr)) / Math.log(s.factor) : 0;
    const most = s.factor > 1 ? reached + 2 : Infinity;  // max_lr has long been reached, and the power is finite
    const lr = t => Math.min(cap, s.base_lr * Math.pow(s.factor, Math.min(t / s.updates, most)));
    let horizon = 0;
    if (increases) {
      const t = Math.min(Math.ceil(reached * s.updates), MAX_COUNT - 1);
      horizon = [t - 1, t].find(near => near >= 0 && lr(near) === lr(t + 1)) ?? t + 1;
    }
    return {lr, horizon, largest: increases ? cap : s.base_lr};
  },

  annealing(s) {
    const increases = s.final_lr > s.base_lr, nearest = Math.pow(.5, 1 / s.elapsed_power);
    const lr = t => {
      const passed = t + s.elapsed, y = passed / s.updates, left = (s.updates - passed) / s.updates;
      if (passed >= s.updates) return s.final_lr;
      if (!(y > 0)) return s.base_lr;
      const near = y <= nearest;  // from y where it is at most 1/2 in the end, else from what is left
      let part = near ? y : left;
      if (s.elapsed_power !== 1) {
        part = near ? Math.pow(y, s.elapsed_power)
          : -Math.expm1(s.elapsed_power * (y <= .5 ? Math.log(y) : Math.log1p(-left)));
      }
      if (s.shape === "exponential") {
        return near ? s.base_lr * Math.pow(s.final_lr / s.base_lr, part)
          : s.final_lr * Math.pow(s.base_lr / s.final_lr, part);
      }
      if (s.shape === "cosine") part = square(Math.sin(Math.PI / 2 * part));
      let share = near === increases ? part : 1 - part;
      if (s.power !== 1) {
        const logs = s.power * (near ? Math.log1p(-part) : Math.log(part));
        share = increases ? -Math.expm1(logs) : Math.exp(logs);
      }
      return increases ? s.base_lr + (s.final_lr - s.base_lr) * share : s.final_lr + (s.base_lr - s.final_lr) * share;
    };
    const end = Math.max(Math.ceil(s.updates - s.elapsed), 0);
    return {lr, horizon: end - (end > 0 && end - 1 + s.elapsed >= s.updates),
      largest: Math.max(s.base_lr, s.final_lr)};
  },

  warmup(s) {
    const then = build(s.then), peak = s.peak_lr ?? then.lr(0), rise = peak - s.begin_lr;
    const warm = {
      linear: t => s.begin_lr + rise * t / s.updates,
      polynomial: t => s.begin_lr + rise * Math.pow(t / s.updates, s.power),
      cosine: t => s.begin_lr + rise * square(Math.sin(Math.PI / 2 * (t / s.updates))),
      exponential: t => s.begin_lr * Math.pow(peak / s.begin_lr, t / s.updates),
      constant: () => s.begin_lr,
    }[s.mode];
    const restarts = s.clock === "restart";
    return {lr: t => t < s.updates ? warm(t) : then.lr(restarts ? t - s.updates : t),
      horizon: restarts ? s.updates + then.horizon : Math.max(s.updates, then.horizon),
      largest: Math.max(s.begin_lr, s.peak_lr ?? 0, then.largest)};
  },

  sequence(s) {
    const parts = s.parts.map(build), starts = [0, ...s.boundaries], last = parts.length - 1;
    const lr = t => {
      const part = passed(s.boundaries, t);
      return parts[part].lr(t - starts[part]);
    };
    return {lr, horizon: starts[last] + parts[last].horizon, largest: Math.max(...parts.map(part => part.largest))};
  },

  shift(s) {
    const of = build(s.of);
    return {lr: t => of.lr(t + s.by), horizon: Math.max(0, of.horizon - s.by), largest: of.largest};
  },

  hold(s) {
    const of = build(s.of);
    return {lr: t => of.lr(quotient(t, s.updates)), horizon: of.horizon * s.updates, largest: of.largest};
  },

  repeat(s) {
    const of = build(s.of);
    const lr = t => {
      const rate = of.lr(t % s.updates), sunk = Math.pow(s.decay, quotient(t, s.updates));
      return s.decay === 1 ? rate : rate * sunk + s.min_lr * (1 - sunk);
    };
    return {lr, horizon: s.updates, largest: s.decay === 1 ? of.largest : Math.max(of.largest, s.min_lr)};
  },

  scale(s) {
    const of = build(s.of);
    return {lr: t => s.by * of.lr(t), horizon: of.horizon, largest: s.by * of.largest};
  },

  clamp(s) {
    const of = build(s.of), keep = rate => Math.min(Math.max(rate, s.min_lr), s.max_lr);
    return {lr: t => keep(of.lr(t)), horizon: of.horizon, largest: keep(of.largest)};
  },

  sum: s => combine(s, add),
  product: s => combine(s, multiply),
  minimum: s => combine(s, Math.min),
  maximum: s => combine(s, Math.max),
};

// Returns the schedule that combines the rates of others, from left to right.
function combine(s, operation) {
  const of = s.of.map(build), reduce = values => values.reduce((a, b) => operation(a, b));
  const largest = reduce(of.map(member => member.largest));
  return {lr: t => of.reduce((rate, member, i) => i ? operation(rate, member.lr(t)) : member.lr(t), 0),
    horizon: Math.max(...of.map(member => member.horizon)), largest: Number.isNaN(largest) ? Infinity : largest};
}

const built = new WeakMap();

// Returns what computes the rates of a schedule, built once. A composed kind is replaced by its composition.
function build(schedule) {
  if (!built.has(schedule)) {
    built.set(schedule, schedule.kind in KINDS ? KINDS[schedule.kind](schedule)
      : build(COMPOSED[schedule.kind](schedule)));
  }
  return built.get(schedule);
}

// Returns the float32 that is nearest to a rate, as eight hexadecimal digits, the highest first.
function bitsOf(rate) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, rate);
  return view.getUint32(0).toString(16).padStart(8, "0");
}
