"use strict";
// The composed kinds in JavaScript: each function returns the schedule of other kinds that has the same rates, as
// `_compose` in frameworks/schedule/named does.

const constant = rate => ({kind: "constant", base_lr: rate});
const shift = (by, of) => ({kind: "shift", by, of});
const sequence = (parts, boundaries) => ({kind: "sequence", parts, boundaries});
const warmup = (updates, begin_lr, then, mode = "linear") =>
  ({kind: "warmup", updates, begin_lr, peak_lr: null, mode, power: null, clock: "restart", then});
const annealing = fields => ({kind: "annealing", power: 1, elapsed_power: 1, elapsed: 0, ...fields});
const repeat = (updates, of, sinks = {}) => ({kind: "repeat", updates, decay: 1, min_lr: 0, of, ...sinks});

// Returns a schedule that moves along a line or half a cosine period from one rate to another, then holds it.
function curve(first, last, updates, shape) {
  if (first === last) return constant(last);
  if (first < last) return warmup(updates, first, constant(last), shape);
  if (shape === "cosine") return {kind: "cosine", base_lr: first, final_lr: last, updates};
  return {kind: "polynomial", base_lr: first, final_lr: last, power: 1, updates};
}

// Returns curves from each rate to the next, which may end between two updates. One without an update is left out.
function curves(rates, ends, shape) {
  const parts = [], starts = [], last = ends[ends.length - 1];
  ends.forEach((end, i) => {
    const begin = i ? ends[i - 1] : 0, start = Math.ceil(begin);
    if (start < Math.ceil(end) || end === last) {
      parts.push(annealing({shape, base_lr: rates[i], final_lr: rates[i + 1], updates: end - begin,
        elapsed: start - begin}));
      starts.push(start);
    }
  });
  return sequence(parts, starts.slice(1));
}

const COMPOSED = {
  linear: s => curve(s.base_lr, s.final_lr, s.updates, "linear"),

  piecewise: s => sequence(s.values.map(constant), s.boundaries),

  interpolated(s) {
    const [start, first] = s.points[0];
    const parts = start || s.points.length === 1 ? [constant(first)] : [], starts = parts.map(() => 0);
    s.points.slice(1).forEach(([end, after], i) => {
      const [begin, rate] = s.points[i];
      parts.push(curve(rate, after, end - begin, s.mode));
      starts.push(begin);
    });
    return parts.length > 1 ? sequence(parts, starts.slice(1)) : parts[0];
  },

  delay: s => s.by ? warmup(s.by, build(s.of).lr(0), s.of, "constant") : s.of,

  override: s => sequence([s.of, s.clock === "restart" ? s.then : shift(s.at, s.then)], [s.at]),

  noam(s) {
    const peak = s.factor / Math.sqrt(s.d_model * s.warmup);
    const whole = warmup(s.warmup, 0, {kind: "inverse_square_root", base_lr: peak, timescale: s.warmup});
    return s.first ? shift(1, whole) : whole;
  },

  wsd(s) {
    let first = constant(s.base_lr);
    if (s.warmup) {
      first = warmup(s.warmup, s.begin_lr, first, s.warmup_mode);
      if (s.warmup_from) first = shift(1, first);
    }
    const bent = {one_minus_sqrt: .5, square: 2, exponential: 1}[s.tail];
    let tail = bent === undefined ? curve(s.base_lr, s.final_lr, s.decay, s.tail)
      : annealing({shape: s.tail === "exponential" ? "exponential" : "linear", elapsed_power: bent,
        base_lr: s.base_lr, final_lr: s.final_lr, updates: s.decay});
    if (s.decay_from) tail = shift(1, tail);
    const start = s.warmup + s.stable;
    return start ? sequence([first, tail], [start]) : tail;
  },

  one_cycle(s) {
    if (!Number.isInteger(s.rise)) {
      const back = s.phases === 3;
      return curves([s.base_lr, s.peak_lr, ...back ? [s.base_lr] : [], s.final_lr],
        [s.rise, ...back ? [s.rise * 2] : [], s.updates], s.mode);
    }
    const fall = s.phases === 2 ? curve(s.peak_lr, s.final_lr, s.updates - s.rise, s.mode)
      : sequence([curve(s.peak_lr, s.base_lr, s.rise, s.mode),
        curve(s.base_lr, s.final_lr, s.updates - 2 * s.rise, s.mode)], [s.rise]);
    return warmup(s.rise, s.base_lr, fall, s.mode);
  },

  cyclic(s) {
    const down = s.down ?? s.up;
    const triangle = (low, high) => warmup(s.up, low, curve(high, low, down, "linear"));
    if (s.mode !== "exp_range" || s.gamma === 1) {
      return repeat(s.up + down, triangle(s.low, s.high),
        s.mode === "triangular2" ? {decay: .5, min_lr: s.low} : {});
    }
    const sinking = {kind: "product", of: [repeat(s.up + down, triangle(0, s.high - s.low)),
      {kind: "exponential", base_lr: 1, max_lr: null, factor: s.gamma, updates: 1}]};
    return s.low ? {kind: "sum", of: [constant(s.low), sinking]} : sinking;
  },
};
