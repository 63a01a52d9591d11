"use strict";
// Keeps the schedules, draws them, and shows the rates at the cursor. The address has all of it after "#".

const LETTERS = "ABCDEF", COLUMNS = WIDTH - LEFT - RIGHT, MAX_UPDATES = 1e9;
const VIEW = {log: false, epoch: null, from: 0, to: null, t: 0};
const state = {...VIEW, lines: []};
const by = id => document.getElementById(id);
const short = value => String(Number(value.toPrecision(3)));

// Returns the end of the drawn updates: what is typed, or 1.25 times the longest horizon, at least 50.
function end() {
  if (state.to !== null) return Math.max(state.to, state.from + 1);
  const horizons = state.lines.filter(line => line.schedule).map(line => build(line.schedule).horizon);
  return Math.max(state.from + 1, Math.min(MAX_UPDATES, Math.max(50, ...horizons.map(t => Math.ceil(t * 1.25)))));
}

// Returns the updates whose rates are drawn: all of them, or the first one of each column of pixels.
function sampled(from, to) {
  const n = Math.min(to - from, COLUMNS);
  return Array.from({length: n + 1}, (_, i) => from + Math.floor((to - from) * i / n));
}

// Returns the values and labels of the vertical axis, and its ends.
function axis(rates) {
  const most = rates.reduce((a, b) => Math.max(a, b), 0) || 1;
  if (!state.log) {
    return {low: 0, high: most, marks: [0, .25, .5, .75, 1].map(part => [most * part, short(most * part)])};
  }
  const least = rates.reduce((a, b) => b > 0 ? Math.min(a, b) : a, most);
  const high = Math.ceil(Math.log10(most)), low = Math.min(high - 1, Math.floor(Math.log10(least)));
  const step = Math.ceil((high - low) / 8);
  const marks = Array.from({length: Math.floor((high - low) / step) + 1}, (_, i) => low + step * i);
  return {low, high, marks: marks.map(power => [power, `1e${power}`])};
}

// Draws the schedules.
function draw() {
  const from = state.from, to = end(), updates = sampled(from, to), shown = state.lines.filter(line => line.schedule);
  const rates = shown.map(line => updates.slice(0, -1).map(build(line.schedule).lr));
  const {low, high, marks} = axis(rates.flat());
  const value = rate => !state.log ? rate : rate > 0 ? Math.log10(rate) : low;
  const lines = shown.map((line, i) => ({of: line.letter, kind: "specified", style: `line ${line.letter}`, extra: {},
    steps: rates[i].map((rate, j) => ({start: updates[j], end: updates[j + 1], value: value(rate)}))}));
  const svg = chart(WIDTH < 640 ? 300 : 380, to - from, lines, low, high, marks,
    `Learning rates of ${shown.length} schedules, updates ${from} to ${to - 1}`, from);
  svg.append(element("line", {id: "cursor", class: "cursor", y1: 10, y2: 1000}));
  by("plot").replaceChildren(svg);
  const n = updates.length - 1;
  by("caption").textContent = `Learning rate by update, ${from} to ${to - 1}` +
    (n < to - from ? `; ${n} of ${to - from} updates are computed, the first one of each column` : "") +
    (state.log ? "; a rate of 0 is drawn at the bottom" : "") +
    (state.epoch ? `; ${short((to - from) / state.epoch)} epochs` : "");
  by("from").placeholder = "0";
  by("to").placeholder = to;
  read();
  document.documentElement.dataset.drawn = shown.length;
}

// Shows the rates at the cursor.
function read() {
  const {t, epoch, from} = state, x = LEFT + COLUMNS * (t - from + .5) / (end() - from), line = by("cursor");
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  line.style.display = t < from || t >= end() ? "none" : "";
  by("where").textContent = epoch ? `epoch ${quotient(t, epoch)}, its update ${t % epoch} (both from 0)` : "";
  by("readings").replaceChildren(element("tr", {}, ...["", `rate at t = ${t}`, "as float32", "bits"].map(
    name => element("th", {scope: "col"}, name))), ...state.lines.filter(one => one.schedule).map(one => {
    const rate = build(one.schedule).lr(t);
    return element("tr", {},
      element("th", {scope: "row", class: `key ${one.letter}`}, `${one.letter} ${one.schedule.kind}`),
      element("td", {}, String(rate)), element("td", {}, String(Number(Math.fround(rate).toPrecision(9)))),
      element("td", {}, bitsOf(rate)));
  }));
}

// Returns what the address has after "#": the valid schedules, and the view where it is not the usual one.
function link() {
  const view = Object.keys(VIEW).filter(name => state[name] !== VIEW[name]).map(name => [name, state[name]]);
  const schedules = state.lines.filter(line => line.schedule).map(line => withoutNulls(line.schedule));
  return `#${encodeURIComponent(JSON.stringify({format: 1, schedules, ...Object.fromEntries(view)}))}`;
}

let waiting = false, timer = 0, refused = false;  // refused: the address was, and stays until something is changed

// Checks the schedules that have changed, and draws before the next frame. The address follows when nothing has changed
// for a moment: browsers limit how often a page may change it.
function changed() {
  const stays = refused;
  refused = false;
  for (const line of state.lines) {
    const text = JSON.stringify(line.raw);
    if (text !== line.text) Object.assign(line, check(line.raw), {text});
  }
  if (!waiting) requestAnimationFrame(() => {
    waiting = false;
    draw();
    clearTimeout(timer);
    if (!stays) timer = setTimeout(() => history.replaceState(null, "", link()), 200);
    state.lines.forEach(line => line.update?.());
  });
  waiting = true;
}

// Builds the forms again, after a kind or the number of schedules has changed; the focus stays.
function rebuilt() {
  const focus = document.activeElement?.id;
  state.lines.forEach((line, i) => { line.letter = LETTERS[i]; });
  by("cards").replaceChildren(...state.lines.map(card));
  by("add").disabled = state.lines.length === LETTERS.length;
  changed();
  if (focus) by(focus)?.focus();
}

// Returns the card of a schedule: its form, its mistakes, its JSON and its code.
function card(line) {
  const {letter} = line, problems = element("ul", {class: "differs", role: "alert"});
  const json = element("textarea", {id: `${letter}.json`, rows: 10, spellcheck: "false", "aria-label": "JSON"});
  const said = element("ul", {class: "differs", role: "alert"}), code = element("pre", {class: "code"});
  let framework = "torch";
  const write = () => { code.textContent = line.schedule ? codeOf(line.schedule, framework) : ""; };
  line.written = null;
  line.update = () => {
    if (line.written === line.text) return;
    line.written = line.text;
    problems.replaceChildren(...line.mistakes.map(text => element("li", {}, text)));
    if (!line.schedule) return;
    if (document.activeElement !== json) json.value = jsonOf(line.schedule);
    write();
  };
  const use = button("Use this JSON", `Use this JSON for schedule ${letter}`, () => {
    const {schedule, mistakes} = parse(json.value);
    said.replaceChildren(...mistakes.map(text => element("li", {}, text)));
    if (schedule) { line.raw = copy(schedule); rebuilt(); }
  });
  const double = button("Duplicate", `Duplicate schedule ${letter}`, () => { addSchedule(copy(line.raw)); });
  const remove = button("Remove", `Remove schedule ${letter}`,
    () => { state.lines.splice(state.lines.indexOf(line), 1); rebuilt(); });
  remove.disabled = state.lines.length === 1;
  double.disabled = state.lines.length === LETTERS.length;
  return element("section", {id: `card-${letter}`}, element("h2", {class: `key ${letter}`}, `Schedule ${letter} `,
    double, remove), problems, scheduleForm(line.raw, letter, value => { line.raw = value; rebuilt(); }),
  element("details", {}, element("summary", {}, "JSON"), json, use,
    button("Copy", `Copy the JSON of schedule ${letter}`, () => copyText(json)), said),
  element("details", {}, element("summary", {}, "Code"),
    element("div", {class: "field"}, element("label", {for: `${letter}.framework`}, "framework"),
      choice(`${letter}.framework`, Object.keys(USES), framework, value => { framework = value; write(); })), code,
    element("p", {class: "kind"}, "This code imports the project. For code without it, or for another library such " +
      "as optax, save the JSON as schedule.json and run ",
    element("code", {}, "lr-parity port schedule.json --to optax"),
    ". It compares what the code applies with the specification. This page cannot: it runs no framework.")));
}

// Adds a schedule.
function addSchedule(schedule) {
  if (state.lines.length < LETTERS.length) state.lines.push({raw: schedule});
  rebuilt();
}

// Copies the text of an input, which is also selected: a page opened from disk may not write to the clipboard.
function copyText(input) {
  input.select();
  navigator.clipboard?.writeText(input.value).catch(() => {});
}
