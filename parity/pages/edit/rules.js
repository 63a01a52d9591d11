"use strict";
// Validates schedules: the fields by the JSON Schema of the specification, and the rules between fields.
//
// Numbers of JSON have no type here: 20.0 is accepted for a count, which Python refuses. Of a repeated key the last
// value counts, since the browser's parser drops the others.

const DOCUMENT = JSON.parse(document.getElementById("document").textContent);
const MAX_DEPTH = 64, MAX_RATE = 1e37, MIN_POSITIVE = 1e-37;

// Returns the schedule with every field, or null, and the mistakes in it, a line each.
function check(value) {
  const mistakes = [];
  const schedule = complete(value, "", 1, mistakes);
  if (!mistakes.length && depthOf(schedule) > MAX_DEPTH) mistakes.push(`must be nested at most ${MAX_DEPTH} deep`);
  return {schedule: mistakes.length ? null : schedule, mistakes};
}

// Returns the schedule that a text in JSON has, as check does.
function parse(text) {
  if (text.length > 2 ** 20) return {schedule: null, mistakes: ["must have at most 1 MiB"]};
  try {
    return check(JSON.parse(text));
  } catch (error) {
    return {schedule: null, mistakes: [`not JSON: ${error.message}`]};
  }
}

const show = value => {
  let text = "nothing";
  try {
    if (value !== undefined) text = JSON.stringify(value);
  } catch {
    text = "a value that is nested too deeply";
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};
const join = (path, name) => path && name ? `${path}.${name}` : path || name;

// Returns a schedule with its defaults filled in; adds mistakes.
function complete(value, path, depth, mistakes) {
  const wrong = (field, text) => { mistakes.push(`${join(path, field) || "schedule"}: ${text}`); };
  if (depth > MAX_DEPTH) return wrong("", `must be nested at most ${MAX_DEPTH} deep`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return wrong("", `must be a schedule: an object with a kind, got ${show(value)}`);
  }
  if (!Object.hasOwn(value, "kind")) return wrong("kind", "missing");
  if (typeof value.kind !== "string" || !Object.hasOwn(DOCUMENT.kinds, value.kind)) return wrong("kind", `unknown kind, got ${show(value.kind)}`);
  const {fields} = DOCUMENT.kinds[value.kind], result = {kind: value.kind}, before = mistakes.length;
  for (const name of Object.keys(value)) {
    if (name !== "kind" && !Object.hasOwn(fields, name)) wrong(name, `unknown field, got ${show(value[name])}`);
  }
  for (const [name, field] of Object.entries(fields)) {
    if (Object.hasOwn(value, name) && value[name] !== undefined) {
      result[name] = completeField(value[name], field, join(path, name), depth, mistakes);
    } else if ("default" in field) result[name] = field.default;
    else wrong(name, `missing; a schedule of kind ${value.kind} needs it`);
  }
  if (mistakes.length > before) return result;
  for (const [broken, name, text] of RULES[value.kind]?.(result) ?? []) {
    if (broken) wrong(name, `${text}, got ${show(result[name])}`);
  }
  if (mistakes.length === before && build(result).largest > MAX_RATE) {
    wrong("", `may reach ${build(result).largest}, but a rate must be at most ${MAX_RATE}`);
  }
  return result;
}

// Returns the value of a field; adds mistakes.
function completeField(value, field, path, depth, mistakes) {
  const wrong = text => { mistakes.push(`${path}: ${text}, got ${show(value)}`); };
  if (value === null && field.nullable) return null;
  if (field.type === "schedule") return complete(value, path, depth + 1, mistakes);
  if (field.type === "array") {
    if (!Array.isArray(value)) return wrong("must be a list");
    if (!value.length && field.minItems) return wrong("must not be empty");
    if (field.prefixItems && value.length !== field.prefixItems.length) {
      return wrong("must be a list of two, an update and its rate");
    }
    const before = mistakes.length;
    const items = value.map((item, i) => completeField(item, field.prefixItems?.[i] ?? field.items, `${path}[${i}]`,
      depth, mistakes));
    const grows = mistakes.length > before || field.items?.type !== "integer" ||
      items.every((item, i) => !i || item > items[i - 1]);
    return grows ? items : wrong("must be strictly increasing");
  }
  if (field.enum) return field.enum.includes(value) ? value : wrong(`must be ${field.enum.map(show).join(" or ")}`);
  if (typeof value !== "number" || !Number.isFinite(value)) return wrong("must be a number");
  if (field.type === "integer" && !Number.isInteger(value)) return wrong("must be an integer");
  if (value < field.minimum) return wrong(`must be at least ${field.minimum}`);
  if (value <= field.exclusiveMinimum) return wrong(`must be above ${field.exclusiveMinimum}`);
  if (value > field.maximum) return wrong(`must be at most ${field.maximum}`);
  return value + 0;  // a rate of 0 has no sign
}

// Returns the names of the fields of a kind that hold schedules.
function holders(kind) {
  return Object.entries(DOCUMENT.kinds[kind].fields).filter(
    ([, field]) => field.type === "schedule" || field.items?.type === "schedule").map(([name]) => name);
}

// Returns the depth of a schedule, a composed one's that of its composition: 1 with nothing inside.
function depthOf(schedule) {
  if (!(schedule.kind in KINDS)) return depthOf(COMPOSED[schedule.kind](schedule));
  const inner = Object.values(schedule).flat().filter(value => value?.kind);
  return 1 + Math.max(0, ...inner.map(depthOf));
}

const fewer = (s, of, what) => [[s.boundaries.length !== of.length - 1, "boundaries",
  `must be one fewer than the ${of.length} ${what}`]];
const positive = (s, names, what) => names.map(
  name => [s[name] !== null && s[name] < MIN_POSITIVE, name, `must be at least ${MIN_POSITIVE} for ${what}`]);

// The rules between fields, of each kind that has some: is it broken, of which field, and its text.
const RULES = {
  factor: s => [[s.min_lr > s.base_lr, "min_lr", `must be at most base_lr (${s.base_lr})`]],
  exponential: s => [
    [s.max_lr !== null && s.max_lr < s.base_lr, "max_lr", `must be at least base_lr (${s.base_lr})`],
    [s.factor > 1 && s.max_lr === null, "factor", "above 1 needs a max_lr, since a rate stays finite"],
    [s.factor > 1 && s.base_lr > 0 && s.base_lr < MIN_POSITIVE, "factor",
      `above 1 needs a base_lr of 0 or at least ${MIN_POSITIVE}`]],
  annealing: s => s.shape !== "exponential" ? [] : [...positive(s, ["base_lr", "final_lr"], "the shape exponential"),
    [s.power !== 1, "power", "must be 1 for the shape exponential"]],
  cosine_restarts: s => [[s.warmup >= s.updates, "warmup", `must be below updates (${s.updates})`]],
  warmup: s => [
    [(s.power === null) === (s.mode === "polynomial"), "power",
      `must be ${s.power === null ? "a number" : "left out"} for the mode ${s.mode}`],
    ...s.mode !== "exponential" ? [] : [...positive(s, ["begin_lr", "peak_lr"], "the mode exponential"),
      [s.peak_lr === null && build(s.then).lr(0) < MIN_POSITIVE, "then",
        `must begin at ${MIN_POSITIVE} or more for the mode exponential`]]],
  sequence: s => fewer(s, s.parts, "parts"),
  piecewise: s => fewer(s, s.values, "values"),
  clamp: s => [[s.max_lr < s.min_lr, "max_lr", `must be at least min_lr (${s.min_lr})`]],
  interpolated: s => [[s.points.some(([t], i) => i && t <= s.points[i - 1][0]), "points",
    "must have strictly increasing updates"]],
  one_cycle: s => [[s.updates <= (s.phases - 1) * s.rise, "updates",
    `must be more than ${s.phases === 2 ? "rise" : "twice rise"} (${s.rise})`]],
  wsd: s => [
    ...s.tail === "exponential" ? positive(s, ["base_lr", "final_lr"], "the tail exponential") : [],
    [s.stable > MAX_COUNT - s.warmup, "stable", `must be at most 2^53 together with warmup (${s.warmup})`]],
  cyclic: s => [
    [s.high < s.low, "high", `must be at least low (${s.low})`],
    [(s.down ?? s.up) > MAX_COUNT - s.up, "down", `must be at most 2^53 together with up (${s.up})`],
    [s.gamma !== 1 && s.mode !== "exp_range", "gamma", "must be 1 unless the mode is exp_range"]],
};
