"use strict";
// Reads a log of rates in CSV or JSON lines, and compares a schedule with it, as `explain` does with --format csv and
// jsonl. A log of another tool is refused: `lr-parity explain` reads it.

const RATE_COLUMNS = ["lr", "learning_rate", "rate"], FIXED = {t: 0, num_update: 1};
const COUNT_COLUMNS = [...Object.keys(FIXED), "update", "step", "iter", "iteration", "global_step"];
const USED = [...RATE_COLUMNS, ...COUNT_COLUMNS];  // of the others, only the first row is read
const MAX_LOGGED = 1_000_000, FLOAT = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

// Returns whether a text looks like a log: a header with a column of rates, or a line of JSON. The arguments of a
// constructor are not columns: commas are inside of its brackets.
function isLog(text) {
  const [first] = text.split("\n", 1), columns = first.split(",").map(column => column.trim().toLowerCase());
  const isWhole = column => column.split("(").length === column.split(")").length;
  return /^(\{|-?[\d.]+\s*$)/.test(first) ||
    columns.every(isWhole) && columns.some(column => RATE_COLUMNS.includes(column));
}

// Returns the header and the rows of a log, each with the number of its line and its cells as texts.
function rowsOf(text, before) {
  const lines = text.split(/\r?\n/), rows = [];
  if (text.length > 2 ** 25) refuse("this page reads logs of at most 32 MiB");
  if (!/^(\{|-?[\d.]+\s*$)/.test(lines[0])) {
    lines.forEach((line, i) => {
      if (line.includes('"')) refuse(`line ${before + i + 1}: this page does not read cells in quotes`);
      if (line) rows.push([before + i + 1, line.split(",")]);
    });
    const [[, header] = [0, []]] = rows.splice(0, 1);
    return [header.map(column => column.trim().toLowerCase()), rows];
  }
  let header = null;
  lines.forEach((line, i) => {
    if (!line.trim()) return;
    const number = before + i + 1;
    let row;
    try {
      row = JSON.parse(line);
    } catch {
      refuse(`line ${number}: not JSON`);
    }
    if (row === null || typeof row !== "object" || Array.isArray(row)) row = {lr: row};
    header ??= Object.keys(row);
    if (header.length > 1000) refuse("this page reads logs of at most 1,000 columns");
    const read = column => (!rows.length || USED.includes(column)) && Object.hasOwn(row, column);
    rows.push([number, header.map(column => read(column) ? cell(line, column, row[column], number) : null)]);
  });
  return [header ?? [], rows];
}

// Returns the value of a line of JSON as Python prints it: JSON has no whole numbers, Python does.
function cell(line, column, value, number) {
  if (value === null || typeof value === "string") return value;
  if (typeof value !== "number") return "not a number";
  const found = [...line.matchAll(new RegExp(`"${column.replace(/[^\w]/g, "\\$&")}"\\s*:\\s*(-?[\\d.eE+-]+)`, "g"))];
  const written = found.length ? found[0][1] : line.trim();
  if (found.length > 1) refuse(`line ${number}: this page does not read a line that has ${column} twice`);
  return /[.eE]/.test(written) ? floatText(value) : written;
}

// Returns the only column with one of some names, or null.
function columnOf(header, names) {
  const columns = header.filter(column => names.includes(column));
  if (columns.length > 1) refuse(`must have one of the columns ${names.join(", ")}, got ${columns.join(" and ")}`);
  return columns[0] ?? null;
}

// Returns the rates of a log, NaN where it has none, and how many digits it prints. Raises Refusal.
//
// before: the number of lines before the text, for messages.
function readLog(text, before = 0) {
  const [header, rows] = rowsOf(text, before), rate = columnOf(header, RATE_COLUMNS), counted = columnOf(header, COUNT_COLUMNS);
  if (rate === null) refuse(`no column of rates: must be one of ${RATE_COLUMNS.join(", ")}, got ${header.join(", ").slice(0, 60)}`);
  const place = header.indexOf(rate), where = header.indexOf(counted);
  if (counted === null && rows.length) {
    header.forEach((column, i) => {
      if (column !== rate && /^\d+$/.test((rows[0][1][i] ?? "").trim())) {
        refuse(`the column ${column} is not understood: the columns that count updates are ${COUNT_COLUMNS.join(", ")}`);
      }
    });
  }
  const updates = [], rates = [], texts = [];
  let first = FIXED[counted] ?? null, last = -1;
  for (const [number, cells] of rows) {
    const written = cells[place];
    if (written === undefined || written === null || written === "") continue;
    const value = FLOAT.test(written) ? Number(written) : NaN;
    if (!(value >= 0 && value <= MAX_RATE)) refuse(`line ${number}: ${rate} must be a number from 0 to ${MAX_RATE}, got ${written.slice(0, 40)}`);
    let t = last + 1;
    if (counted !== null) {
      const digits = (cells[where] ?? "None").trim().replace(/\.0$/, "");
      if (!/^\d{1,18}$/.test(digits)) refuse(`line ${number}: ${counted} must be a whole number, got ${digits.slice(0, 40)}`);
      if (first === null && Number(digits) > 1) refuse(`line ${number}: ${counted} begins at ${digits}: state the ${counted} of the first update: --counts-from 0 or 1`);
      first ??= Number(digits);
      t = Number(digits) - first;
      if (t <= last) refuse(`line ${number}: ${counted} must be at least ${last + 1 + first}, got ${digits}`);
    }
    last = t;
    if (texts.length < 10_000) texts.push(written.trim());
    if (t < MAX_LOGGED) {
      updates.push(t);
      rates.push(value);
    }
  }
  if (!updates.length) refuse(last < 0 ? "no rates" : `no rate of the first ${MAX_LOGGED} updates, as many as are compared`);
  const placed = new Float32Array(Math.min(updates[updates.length - 1] + 1, MAX_LOGGED)).fill(NaN);
  updates.forEach((t, i) => { placed[t] = rates[i]; });
  return {rates: placed, known: updates.length, ...digitsOf(texts)};
}

// Returns the number of significant digits of rounded rates, else 0, and the unit of fixed-point rates, else 0.
function digitsOf(texts) {
  const decimals = new Set(texts.map(text => text.includes(".") ? text.length - text.indexOf(".") - 1 : 0));
  const fixed = decimals.size === 1 && texts.every(text => text.includes(".") && !/e/i.test(text)), [least] = decimals;
  if (fixed && texts.length > 1 && texts.some(text => text.endsWith("0")) && least > 2) return {digits: 0, unit: 10 ** -least};
  let most = 0;
  for (const text of texts) {
    const digits = text.replace(/[eE].*|[^0-9]/gs, ""), counted = digits.replace(/^0+/, "") || digits;
    most = Math.max(most, counted.length);
  }
  return {digits: new Set(texts).size >= 8 && most <= 6 ? most : 0, unit: 0};
}

// Returns the distance to the next larger float32.
function spacing(rate) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, rate);
  const applied = view.getFloat32(0);
  view.setUint32(0, view.getUint32(0) + 1);
  return view.getFloat32(0) - applied;
}

// Returns how many of the logged rates are compared with a schedule, how many differ, and the first update that does.
function compareLog({rates, digits, unit}, lr) {
  let compared = 0, differing = 0, first = null;
  rates.forEach((logged, t) => {
    if (Number.isNaN(logged)) return;
    compared++;
    const rate = Math.fround(lr(t)), larger = Math.max(rate, logged);
    let allowed = 0;
    if (digits || unit) {
      allowed = unit / 2;
      if (digits) allowed = Math.max(allowed, larger ? 10 ** (Math.floor(Math.log10(larger)) - (digits - 1)) / 2 : 0);
      allowed += spacing(larger);
    }
    if (Math.abs(rate - logged) <= allowed) return;
    differing++;
    first ??= t;
  });
  return {compared, differing, first};
}

// Returns a sentence about a log.
function describeLog({rates, known, digits, unit}) {
  return `A log of ${known} rates, updates 0 to ${rates.length - 1}.` +
    (unit ? ` It prints multiples of ${short(unit)}, and no smaller differences are compared.` : "") +
    (digits ? ` It prints ${digits} digits, and no more are compared.` : "") + " The link does not have it.";
}

// Returns a sentence about a schedule and a log.
function describeComparison({compared, differing, first}) {
  return differing ? `It differs from the log at ${differing} of ${compared} updates, first at update ${first}. ` +
    "“lr-parity explain LOG.csv SCHEDULE.json” searches for the reason." : `It has the log's rates at all ${compared} updates.`;
}
