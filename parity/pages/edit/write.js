"use strict";
// Writes self-contained code for Gluon, PyTorch, Keras and optax, as parity/port/write does: tests compare the texts.
//
// DOCUMENT.code has Python's templates, dialects (the operations of a language, formats of two or three texts) and the
// formulas of the kinds as trees. A float is written as Python prints it, so the type of a field counts here.

const CODE = DOCUMENT.code, TARGETS = {torch: "PYTHON", mxnet: "PYTHON", tensorflow: "TENSORFLOW", optax: "JAX"};
const form = (format, ...texts) => format.replace(/\{(\d)(?:!r)?\}/g, (_, i) => texts[i]);
const real = (d, value) => form(d.number, floatText(value));
const isFactor = t => /^[A-Za-z_]\w*$/.test(t) || /^(tf|jnp)\.maximum\([^()]*\)$/.test(t);
const bracketed = t => isFactor(t) ? t : `(${t})`;
const isPython = d => d === CODE.dialects.PYTHON;
const completed = schedule => {
  const {schedule: result, mistakes} = check(schedule);
  return mistakes.length ? refuse(mistakes[0]) : result;
};

// Returns a schedule in which each composed kind is replaced by its composition.
function expanded(schedule) {
  if (schedule.kind in COMPOSED) return expanded(completed(COMPOSED[schedule.kind](schedule)));
  const result = {...schedule};
  for (const name of holders(schedule.kind)) {
    result[name] = Array.isArray(result[name]) ? result[name].map(expanded) : expanded(result[name]);
  }
  return result;
}

const sameSchedule = (a, b) => JSON.stringify(completed(a)) === JSON.stringify(completed(b));

// Returns a value of a schedule with floats as texts that begin with #; null is left out.
function typed(value, field) {
  if (field.type === "schedule") {
    const {fields} = DOCUMENT.kinds[value.kind], given = Object.entries(fields).filter(([name]) => value[name] !== null);
    return {kind: value.kind, ...Object.fromEntries(given.map(([name, each]) => [name, typed(value[name], each)]))};
  }
  if (field.type === "array") return value.map((item, i) => typed(item, field.prefixItems?.[i] ?? field.items));
  return field.type === "number" ? `#${floatText(value)}` : value;
}

// Returns the JSON that Python writes for a schedule.
const dumped = schedule =>
  `${JSON.stringify(typed(schedule, {type: "schedule"}), null, 2).replace(/"#([^"]*)"/g, "$1")}\n`;

// Returns the SHA-256 of a text in hexadecimal: crypto.subtle answers later, and not on every page.
function sha256(text) {
  const bytes = [...new TextEncoder().encode(text), 128], bits = 8 * (bytes.length - 1);
  while (bytes.length % 64 !== 56) bytes.push(0);
  for (let shift = 7; shift >= 0; shift--) bytes.push(Math.floor(bits / 2 ** (8 * shift)) % 256);
  const primes = [], roots = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime)) primes.push(n);
  const fraction = x => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0, turn = (x, n) => x >>> n | x << 32 - n;
  for (const prime of primes) roots.push(fraction(Math.cbrt(prime)));
  const hash = primes.slice(0, 8).map(prime => fraction(Math.sqrt(prime)));
  for (let start = 0; start < bytes.length; start += 64) {
    const w = Array.from({length: 16}, (_, i) => bytes.slice(start + 4 * i, start + 4 * i + 4).reduce((a, b) => a << 8 | b));
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ a >>> 3) + (turn(b, 17) ^ turn(b, 19) ^ b >>> 10) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i++) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + roots[i] + w[i] | 0;
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      [a, b, c, d, e, f, g, h] = [first + second | 0, a, b, c, d + first | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] = hash[i] + value | 0; });
  }
  return hash.map(value => (value >>> 0).toString(16).padStart(8, "0")).join("");
}

const OPERATORS = {"+": [1, add], "-": [1, (a, b) => a - b], "*": [2, multiply], "/": [2, (a, b) => a / b],
  "//": [2, quotient], "%": [2, (a, b) => a % b]};

// Returns the formula of a schedule's class with the numbers of its fields. t: the expression of the clock.
function formulaOf(s, d, t) {
  const {fields} = DOCUMENT.kinds[s.kind], calls_ = {min: d.least, max: d.most, sqrt: d.root, cos: d.cosine, sin: d.sine};
  const part = (text, more = {}) => ({text, rank: 4, value: null, real: true, ...more});
  const below = (each, rank) => each.rank >= rank ? each.text : `(${each.text})`;
  const numeral = (value, isReal) => part(isReal ? real(d, value) : String(value), {value, real: isReal});
  const asReal = each => each.real || each.value !== null ? each : part(form(d.real, below(each, 4)));

  function call(name, parts) {
    if (parts.length === 1) {
      return part(form(calls_[name], parts[0].value !== null ? real(d, parts[0].value) : asReal(parts[0]).text));
    }
    const all = parts.some(each => each.real) ? parts.map(asReal) : parts, [first, second, ...others] = all;
    const both = part(form(calls_[name], first.text, second.text), {real: all.some(each => each.real)});
    return others.length ? call(name, [both, ...others]) : both;
  }

  function write([kind, ...rest]) {
    if (kind === "number") return numeral(...rest);
    if (kind === "name") {
      const [name] = rest;
      if (name === "t") return part(t, {rank: isFactor(t) ? 4 : 0, real: false});
      return name === "pi" ? part("math.pi") : numeral(s[name], fields[name].type === "number");
    }
    if (kind === "call") return call(rest[0], rest.slice(1).map(write));
    let [left, right] = rest.map(write);
    if (kind === "**") {
      [left, right] = [asReal(left), asReal(right)];
      return right.value === 1 ? left : part(form(d.power, below(left, 4), below(right, 4)), {rank: 3});
    }
    const [rank, compute_] = OPERATORS[kind], isReal = left.real || right.real || kind === "/";
    if (left.value !== null && right.value !== null) return numeral(compute_(left.value, right.value), isReal);
    if (isReal) [left, right] = [asReal(left), asReal(right)];
    if (kind === "+" && left.value === 0) return right;
    return part(`${below(left, rank)} ${kind} ${below(right, rank + 1)}`, {rank, real: isReal});
  }

  return write(CODE.formulas[s.kind]).text;
}

// Functions of clocks: a comparison, a sum, a clock that starts later. t + 1 and -5 give t - 4.
function before(t, end) {
  const match = /^(\w+) ([+-]) (\d+)$/.exec(t);
  return match ? `${match[1]} < ${end - Number(match[2] + match[3])}` : `${t} < ${end}`;
}
function plus(t, by) {
  const match = !t.includes(",") && /^(.+) ([+-]) (\d+)$/.exec(t);
  if (match) [t, by] = [match[1], by + Number(match[2] + match[3])];
  return by ? `${t} ${by > 0 ? "+" : "-"} ${Math.abs(by)}` : t;
}
const delayed = (t, start, d) => !start ? t : isPython(d) ? plus(t, -start) : form(d.most, plus(t, -start), 0);

// Returns the expressions of a schedule, each with its condition; the last one has none. The first that holds applies.
function branches(s, d, t = "t") {
  if (s.kind === "shift") return branches(s.of, d, plus(t, s.by));
  if (s.kind === "warmup") {
    return [[before(t, s.updates), warmCode(s, d, t)],
      ...branches(s.then, d, s.clock === "restart" ? delayed(t, s.updates, d) : t)];
  }
  if (s.kind === "sequence") {
    const starts = [0, ...s.boundaries], last = s.parts.length - 1;
    return [...s.boundaries.map((end, i) => [before(t, end), codeText(s.parts[i], d, delayed(t, starts[i], d))]),
      ...branches(s.parts[last], d, delayed(t, starts[last], d))];
  }
  return [[null, codeText(s, d, t)]];
}

const choose = (d, all) => all.slice(0, -1).reduceRight((rest, [condition, rate]) => form(d.choice, condition, rate, rest), all[all.length - 1][1]);
const constantCode = (d, rate, t) => isPython(d) ? floatText(rate) : `${real(d, rate)} + ${real(d, 0)} * ${form(d.real, t)}`;
const bracketTerm = text => /^[\w.+-]+$/.test(text) || hasOuterBrackets(text) ? text : `(${text})`;

// Returns whether the last bracket closes the first, with or without a name before it.
function hasOuterBrackets(text) {
  if (!/^[\w.]*\(/.test(text)) return false;
  let depth = 0;
  for (let i = text.indexOf("("); i < text.length - 1; i++) {
    depth += (text[i] === "(") - (text[i] === ")");
    if (!depth) return false;
  }
  return true;
}

// Returns the rates of a warm-up.
function warmCode(s, d, t) {
  if (s.mode === "constant") return constantCode(d, s.begin_lr, t);
  const clock = bracketed(t), begin = s.begin_lr, peak = s.peak_lr ?? build(s.then).lr(0);
  const share = !d.inverts ? `(${clock} / ${s.updates})`
    : `(${form(d.real, form(d.least, clock, s.updates))} / ${form(d.real, form(d.most, clock, s.updates))})`;
  if (s.mode === "exponential") return `${real(d, begin)} * ${form(d.power, real(d, peak / begin), share)}`;
  const first = (begin ? `${real(d, begin)} + ` : "") + real(d, peak - begin);
  if (s.mode === "linear") return `${first} * ${form(d.real, clock)} / ${s.updates}`;
  if (s.mode === "cosine") return `${first} * ${form(d.sine, `math.pi / 2 * ${share}`)} ** 2`;
  return `${first} * ${form(d.power, share, real(d, s.power))}`;
}

const CODES = {
  constant: (s, d, t) => constantCode(d, s.base_lr, t),
  exponential(s, d, t) {
    const clock = form(d.real, bracketed(t)), share = s.updates === 1 ? clock : `(${clock} / ${s.updates})`;
    const rate = `${real(d, s.base_lr)} * ${form(d.power, real(d, s.factor), share)}`;
    if (s.factor <= 1 || s.max_lr === null) return rate;
    const most = s.base_lr ? Math.ceil(Math.log(s.max_lr / s.base_lr) / Math.log(s.factor)) + 1 : 0;
    return form(d.least, rate.replaceAll(share, form(d.least, share, real(d, most))), real(d, s.max_lr));
  },
  factor(s, d, t) {
    let drops_ = s.every === 1 ? bracketed(t) : `(${bracketed(t)} // ${s.every})`;
    if (!isPython(d)) drops_ = form(d.real, drops_);
    const falling = `${real(d, s.base_lr)} * ${form(d.power, real(d, s.factor), drops_)}`;
    return s.min_lr ? form(d.most, falling, real(d, s.min_lr)) : falling;
  },
  multi_factor(s, d, t) {
    let many = form(d.passed, bracketed(t), `[${s.milestones.join(", ")}]`);
    if (d === CODE.dialects.JAX) many = form(d.real, many);
    return `${real(d, s.base_lr)} * ${form(d.power, real(d, s.factor), many)}`;
  },
  polynomial(s, d, t) {
    const first = (s.final_lr ? `${real(d, s.final_lr)} + ` : "") + real(d, s.base_lr - s.final_lr);
    const share = form(d.real, form(d.least, t, s.updates));
    if (!d.inverts) return `${first} * (1 - ${share} / ${s.updates}) ** ${floatText(s.power)}`;
    const left = `1 - ${share} / ${form(d.real, form(d.most, t, s.updates))}`;
    return form(d.choice, before(t, s.updates), `${first} * ${form(d.power, left, real(d, s.power))}`, real(d, s.final_lr));
  },
  annealing: (s, d, t) => form(d.choice, before(t, build(s).horizon), annealingCode(s, d, bracketed(t)), real(d, s.final_lr)),
  cosine_restarts: restartsCode,
  hold: (s, d, t) => codeText(s.of, d, s.updates === 1 ? t : `${bracketed(t)} // ${s.updates}`),
  repeat(s, d, t) {
    const clock = bracketed(t), rate = codeText(s.of, d, `${clock} % ${s.updates}`);
    if (s.decay === 1) return rate;
    const decay = decayCode(s, d, s.updates === 1 ? clock : `(${clock} // ${s.updates})`);
    return `${decay} * (${rate})${s.min_lr ? ` + ${real(d, s.min_lr)} * (1 - ${decay})` : ""}`;
  },
  scale: (s, d, t) => `${real(d, s.by)} * (${codeText(s.of, d, t)})`,
  clamp: (s, d, t) => form(d.least, form(d.most, codeText(s.of, d, t), real(d, s.min_lr)), real(d, s.max_lr)),
  sum(s, d, t) {
    let terms = s.of.map(each => codeText(each, d, t));
    if (d.inverts && terms.length > 1) terms = terms.map(term => term.includes(" + ") ? form(d.most, term, real(d, 0)) : term);
    return terms.map(bracketTerm).join(" + ");
  },
  product: (s, d, t) => s.of.map(each => bracketTerm(codeText(each, d, t))).join(" * "),
  minimum: (s, d, t) => s.of.map(each => codeText(each, d, t)).reduce((a, b) => form(d.least, a, b)),
  maximum: (s, d, t) => s.of.map(each => codeText(each, d, t)).reduce((a, b) => form(d.most, a, b)),
};
for (const kind of ["warmup", "sequence", "shift"]) CODES[kind] = (s, d, t) => choose(d, branches(s, d, t));

const codeText = (s, d, t) => (CODES[s.kind] ?? formulaOf)(s, d, t);
const decayCode = (s, d, done) => form(d.power, real(d, s.decay), isPython(d) ? done : form(d.real, done));

// Returns an increasing curve of the elapsed share, or a decreasing curve of the remaining share.
function annealingCode(s, d, t) {
  const now = form(d.real, t), all = real(d, s.updates);
  let y = s.elapsed ? `((${now} + ${real(d, s.elapsed)}) / ${all})` : `(${now} / ${all})`;
  let left = `((${real(d, s.updates - s.elapsed)} - ${now}) / ${all})`;
  if (s.elapsed_power !== 1) {
    y = `(${form(d.power, y, real(d, s.elapsed_power))})`;
    left = `(1 - ${y})`;
  }
  if (s.shape === "exponential") return `${real(d, s.base_lr)} * ${form(d.power, real(d, s.final_lr / s.base_lr), y)}`;
  const increases = s.final_lr > s.base_lr, straight = increases && s.power === 1;
  let share = straight ? y : left, {power} = s;
  if (s.shape === "cosine") [share, power] = [form(d.sine, `math.pi / 2 * ${share}`), 2 * power];
  if (power !== 1) share = form(d.power, share, real(d, power));
  if (increases && !straight) share = `(1 - ${share})`;
  const low = Math.min(s.base_lr, s.final_lr), height = real(d, Math.abs(s.base_lr - s.final_lr));
  return low ? `${real(d, low)} + ${height} * ${share}` : `${height} * ${share}`;
}

// Returns the rate of cosine cycles. i and s are the cycle and the updates made in it, where they need a name.
function restartsCode(s, d, clock) {
  const t = isFactor(clock) && !clock.includes(".") ? clock : `(${clock})`, less = s.warmup ? ` - ${s.warmup}` : "";
  if (s.growth === 1) return cycleCode(s, d, `(${t} // ${s.updates})`, `(${t} % ${s.updates})`, String(s.updates - s.warmup));
  let cycles_ = 1;
  for (let start = BigInt(s.updates); start < 2n ** 63n; cycles_++) start = start * BigInt(s.growth) + BigInt(s.updates);
  const starts = name => `${s.updates} * (${s.growth}**${name} - 1)${s.growth > 2 ? ` // ${s.growth - 1}` : ""}`;
  let start = starts("i"), length = `(${s.updates} * ${s.growth}**i${less})`;
  if (!isPython(d)) {
    start = form(d.item, "i", `[${starts("k")} for k in range(${cycles_})]`, "int64");
    length = form(d.item, "i", `[${floatText(s.updates)} * ${floatText(s.growth)}**k${less} for k in range(${cycles_})]`, "float64");
  }
  const done = form(d.whole, form(d.passed, t, `[${starts("k")} for k in range(1, ${cycles_})]`));
  return `(lambda i: (lambda s: ${cycleCode(s, d, "i", "s", length)})(${t} - ${start}))(${done})`;
}

function cycleCode(s, d, done, within, length) {
  const decay = s.decay === 1 ? "" : `${decayCode(s, d, done)} * `, later = s.warmup ? `(${within} - ${s.warmup})` : within;
  let share = `(1 + ${form(d.cosine, `math.pi * ${form(d.real, later)} / ${length}`)}) / 2`;
  if (s.warmup) share = form(d.choice, `${within} < ${s.warmup}`, `${form(d.real, within)} / ${s.warmup}`, share);
  const low = real(d, s.final_lr), base = real(d, s.base_lr);
  if (s.sinks === "peak") {
    return s.final_lr ? `(lambda x: ${low} * (1 - x) + ${decay}${base} * x)(${share})` : `${decay}${base} * ${share}`;
  }
  return `${s.final_lr ? `${low} + ` : ""}${real(d, s.base_lr - s.final_lr)} * ${decay}${share}`;
}

// Returns the self-contained code of a schedule for a framework.
function exactCode(schedule, target) {
  const d = CODE.dialects[TARGETS[target]], all = branches(expanded(schedule), d);
  const lines = isPython(d) ? all.flatMap(([condition, rate]) => condition === null ? [`return ${rate}`] : [`if ${condition}:`, `    return ${rate}`])
    : [`rate = ${all[all.length - 1][1]}`, ...all.slice(0, -1).reverse().map(([condition, rate]) => `rate = ${form(d.choice, condition, rate, "rate")}`)];
  const indent = target === "tensorflow" ? "        " : "    ";
  let code = CODE.templates[target].replace("<branches>", () => lines.map(line => indent + line).join("\n"))
    .replace("<name>", () => `${schedule.kind}_${sha256(dumped(schedule)).slice(0, 8)}`);
  if (!code.replaceAll("import math", "").includes("math.")) code = code.replaceAll("import math\n\n", "");
  return code.includes("float64(") ? code : code.replaceAll("from numpy import float64\n", "");
}
