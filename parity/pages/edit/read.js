"use strict";
// Reads a constructor as the schedule that `port` reads from it, or refuses it by name. Tests compare both on random
// constructors. DOCUMENT.libraries has the arguments of every class that Python reads; READERS the classes read here.

const MAX_EXACT = 2n ** 53n;
const READERS = {}, LIBRARIES = Object.keys(DOCUMENT.libraries);

// Functions that check an argument as its class does. a: the arguments by name.
function wholeOf(value, name, {least = 0, floats = false} = {}) {
  if (floats && typeof value === "number" && Number.isInteger(value)) value = BigInt(value);
  if (typeof value !== "bigint") refuse(`${name} must be a whole number, got ${valueText(value)}`);
  if (least !== null && value < BigInt(least)) refuse(`${name} must be at least ${least}, got ${value}`);
  return value <= MAX_EXACT && value >= -MAX_EXACT ? Number(value) : refuse(`${name} must be at most 2^53, got ${value}`);
}
const whole = (a, name, least = 0) => wholeOf(a[name], name, {least});
const count = (a, name, least = 0) => wholeOf(a[name], name, {least, floats: true});

function numberOf(value, name, least = 0, most = null) {
  if (!isNumber(value)) refuse(`${name} must be a number, got ${valueText(value)}`);
  const result = Number(value);
  if (least !== null && result < least) refuse(`${name} must be at least ${least}, got ${valueText(value)}`);
  if (most !== null && result > most) refuse(`${name} must be at most ${most}, got ${valueText(value)}`);
  return result;
}
const num = (a, name, least = 0, most = null) => numberOf(a[name], name, least, most);
const positiveNum = (a, name) => num(a, name) || refuse(`${name} must be above 0, got ${valueText(a[name])}`);
const above0 = (a, name) => num(a, name, null) > 0 ? Number(a[name])
  : refuse(`${name} must be positive, got ${valueText(a[name])} (the class accepts it, but no schedule expresses it)`);
const word = (a, name, words) => words.includes(a[name]) ? a[name]
  : refuse(`${name} must be one of ${words.join(", ")}, got ${valueText(a[name])}`);
const flag = (a, name) => typeof a[name] === "boolean" ? a[name]
  : refuse(`${name} must be True or False, got ${valueText(a[name])}`);
const list = (a, name) => Array.isArray(a[name]) ? a[name] : refuse(`${name} must be a list, got ${valueText(a[name])}`);
const grows = numbers => numbers.every((t, i) => !i || t > numbers[i - 1]);
function counts(a, name, {least = 1, floats = false} = {}) {
  const numbers = list(a, name).map(item => wholeOf(item, name, {least, floats}));
  return numbers.length && grows(numbers) ? numbers : refuse(`${name} must increase, got ${valueText(a[name])}`);
}

// Functions that build schedules.
const halfCosine = (base_lr, final_lr, updates) => ({kind: "cosine", base_lr, final_lr, updates});
const bend = (base_lr, final_lr, updates, power) => ({kind: "polynomial", base_lr, final_lr, power, updates});
const line = (first, last, updates) => bend(first, last, updates, 1);
const drops = (base_lr, factor, every, min_lr = 0) => ({kind: "factor", base_lr, factor, every, min_lr});
const decayOf = (base_lr, factor, updates) => ({kind: "exponential", base_lr, factor, updates});
const join_ = (lengths, ...parts) => {
  let end = 0;
  return lengths.length ? sequence(parts, lengths.map(length => end += length)) : parts[0];
};
const rise = (updates, begin_lr, then, more = {}) => updates ? {kind: "warmup", updates, begin_lr, then, ...more} : then;
const swing = (base, low, updates) => ({kind: "repeat", updates: 2 * updates,
  of: join_([updates], halfCosine(base, low, updates), halfCosine(low, base, updates))});
const restarts = (base_lr, final_lr, updates, growth) => growth === 1
  ? {kind: "repeat", updates, of: halfCosine(base_lr, final_lr, updates)}
  : {kind: "cosine_restarts", base_lr, final_lr, updates, growth};
const cycles = (low, high, up, down, more = {}) =>
  ({kind: "repeat", updates: up + down, ...more, of: join_([up], line(low, high, up), line(high, low, down))});

// Returns a schedule that multiplies the rate by a factor above 1, up to the highest rate of a specification.
function increase(c, base, factor, updates, steps = false) {
  const smooth = {...decayOf(base, factor, steps ? 1 : updates), max_lr: Math.max(MAX_RATE, base)};
  const result = steps && updates > 1 ? {kind: "hold", updates, of: smooth} : smooth;
  const {horizon} = valid(result);
  if (horizon) c.followed.push(horizon);
  return result;
}

// Returns a schedule that is multiplied by a factor at each of some updates, in any order.
function dropAt(name, base, factor, steps) {
  if (factor < 0 && steps.length) refuse(`${name} must be at least 0, got ${floatText(factor)}: the rates would be negative`);
  const counted = [...steps].sort((a, b) => a - b), later = [...new Set(counted.filter(step => step > 0))];
  const before = passed(counted, 0);
  if (factor > 0 && factor < 1 && later.length === counted.length) {
    return later.length ? {kind: "multi_factor", base_lr: base, factor, milestones: later} : constant(base);
  }
  const parts = [0, ...later].map(step => constant(step || before ? base * wholePower(factor, passed(counted, step)) : base));
  return later.length && factor !== 1 ? sequence(parts, later) : parts[0];
}

// Returns the computed rates of a schedule. Refuses one that is not valid.
function valid(schedule) {
  const {schedule: complete, mistakes} = check(schedule);
  return mistakes.length ? refuse(`not expressible as a schedule: ${mistakes[0]}`) : build(complete);
}

// Returns the arguments of a call by name, with the defaults.
function bindArguments(source, {call, given, named}) {
  const signature = DOCUMENT.libraries[source].classes[call], names = Object.keys(signature), result = {};
  if (given.length > names.length) refuse(`${call} takes ${names.length} arguments, got ${given.length}`);
  given.forEach((value, i) => { result[names[i]] = value; });
  for (const [name, value] of Object.entries(named)) {
    if (!names.includes(name)) refuse(`${call} has no argument ${name}`);
    if (Object.hasOwn(result, name)) refuse(`${call}: ${name} is given more than once`);
    result[name] = value;
  }
  for (const name of names) {
    if (Object.hasOwn(result, name)) continue;
    result[name] = signature[name] === null ? refuse(`${call} needs its argument ${name}`) : readPython(signature[name]);
  }
  return result;
}

const OBJECTS = ["optimizer", "schedulers", "schedules"];

// Refuses a value that is, or contains, a name.
function needValues(call, name, value) {
  if (Array.isArray(value) || value instanceof Map) return [...value.values()].forEach(item => needValues(call, name, item));
  if (value !== null && typeof value === "object") {
    refuse(`${call}: ${name} needs a number, and this page has no value for ${value.text ?? value.name}`);
  }
}

// Returns the schedule of a call. c: what surrounds it: source, lr, followed.
function readCall(call, c) {
  const {source} = c, library = DOCUMENT.libraries[source], name = call.call;
  if (Object.hasOwn(library.refused, name)) refuse(`${name} cannot be ported: ${library.refused[name]}`);
  if (!Object.hasOwn(library.classes, name)) refuse(`${name} is not a supported scheduler of ${source}`);
  const reader = READERS[source]?.[name] ?? refuse(`${name} of ${source} is read by Python only`);
  const {verbose, ...named} = call.named;  // which torch once had, without an effect on the rates
  const a = bindArguments(source, source === "torch" ? {...call, named} : call);
  for (const [key, value] of Object.entries(a)) if (!OBJECTS.includes(key)) needValues(name, key, value);
  try {
    return reader(a, c);
  } catch (error) {
    if (error instanceof Refusal && !error.message.startsWith(name)) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

// Returns the libraries that have a class.
const librariesOf = name => LIBRARIES.filter(source => Object.hasOwn(DOCUMENT.libraries[source].classes, name) ||
  Object.hasOwn(DOCUMENT.libraries[source].refused, name));

// Returns whether the rate of an optimizer changes the rates of a library's schedulers.
const isMultiplied = source => ["mxnet", "gluoncv", ...DOCUMENT.multiplying].includes(source);

// Returns the libraries that a call may be of: the one that its module names, else all that have the class.
function librariesOfCall(full) {
  const parts = full.split("."), found = librariesOf(parts[parts.length - 1]), named = DOCUMENT.modules[parts[0]];
  return parts.length > 1 && found.includes(named) ? [named] : found;
}

// Returns the schedule that a constructor's text has, the library, and notes; raises Refusal.
//
// source: the library; null: the only one that has the class. lr: the rate of an optimizer of torch, or the
// learning_rate that an optimizer of MXNet is given; null: not given.
function readConstructor(text, source, lr) {
  const call = readPython(text, true);
  if (call === null || typeof call !== "object" || !("call" in call)) refuse("must be a call such as CosineScheduler(20)");
  const found = librariesOfCall(call.full);
  if (source === null) {
    if (!found.length) refuse(`${call.call} is not a class that is supported`);
    if (found.length > 1) refuse(`${call.call} is a class of ${found.join(" and ")}: choose the library`);
    [source] = found;
  }
  if (lr !== null && !isMultiplied(source)) refuse(`the rate of an optimizer is not used by ${source}`);
  const followed = [], schedule = readCall(call, {source, lr, followed});
  valid(schedule);
  return {schedule: check(schedule).schedule, source, name: call.call, notes: followed.length
    ? [`Its rates increase without limit: the specification follows them for ${Math.min(...followed)} updates.`] : []};
}
