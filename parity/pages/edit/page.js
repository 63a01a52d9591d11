"use strict";
// Keeps the schedules, draws them, and shows the rates at the cursor. The address has all of it after "#".

const LETTERS = "ABCDEF", MAX_UPDATES = 1e9;
const VIEW = {log: false, epoch: null, from: 0, to: null, t: 0};
const state = {...VIEW, lines: [], logged: null};  // logged: a log that was pasted
const by = id => document.getElementById(id);

// Returns the end of the drawn updates: what is typed, or 1.25 times the longest horizon, at least 50.
function end() {
  if (state.to !== null) return Math.max(state.to, state.from + 1);
  const horizons = state.lines.filter(line => line.schedule).map(line => build(line.schedule).horizon);
  return Math.max(state.from + 1, Math.min(MAX_UPDATES, Math.max(50, state.logged?.rates.length ?? 0,
    ...horizons.map(t => Math.ceil(t * 1.25)))));
}

let columns = [0, 1];

// Returns the updates whose rates are drawn: all of them, or the first one of each column of pixels.
function sampled(from, to) {
  if (columns[0] !== from || columns[columns.length - 1] !== to) {
    const n = Math.min(to - from, COLUMNS);
    columns = Array.from({length: n + 1}, (_, i) => from + Math.floor((to - from) * i / n));
  }
  return columns;
}

// Returns the rates of a schedule at the drawn updates; those of a schedule that has not changed are kept.
function ratesOf(line, updates) {
  if (line.sampled?.schedule !== line.schedule || line.sampled.updates !== updates) {
    const {lr} = build(line.schedule), rates = new Float64Array(updates.length - 1);
    for (let i = 0; i < rates.length; i++) rates[i] = lr(updates[i]);
    line.sampled = {schedule: line.schedule, updates, rates};
  }
  return line.sampled.rates;
}

// Returns the logged rates at the drawn updates: where the log has none, the one before. They are kept as `ratesOf` does.
function loggedAt(updates) {
  const {rates, sampled: before} = state.logged;
  if (before?.updates === updates) return before.rates;
  const result = new Float64Array(updates.length - 1);
  for (let i = 0, seen = 0; i < result.length; i++) {
    const last = Math.min(updates[i], rates.length - 1);
    let t = last;
    while (t > seen && Number.isNaN(rates[t])) t--;
    result[i] = Number.isNaN(rates[t]) && i ? result[i - 1] : rates[t] || 0;
    seen = last;
  }
  state.logged.sampled = {updates, rates: result};
  return result;
}

const picture = makeChart(WIDTH < 640 ? 300 : 380, "Learning rate by update");

// Draws the schedules.
function draw() {
  const from = state.from, to = end(), updates = sampled(from, to), shown = state.lines.filter(line => line.schedule);
  const rates = shown.map(line => ratesOf(line, updates)), log = state.log, n = updates.length - 1;
  const lines = shown.map((line, i) => ({of: line.letter, kind: "specified", style: `line ${line.letter}`,
    values: rates[i]}));
  if (state.logged) lines.push({of: "log", kind: "logged", style: "line logged", values: loggedAt(updates)});
  picture.draw({from, to, log, ...axis(lines.map(line => line.values), log),
    lines: lines.map(line => ({...line, starts: updates, sampled: n < to - from}))});
  setText(by("caption"), `Learning rate by update, ${from} to ${to - 1}` +
    (n < to - from ? `; ${n} of ${to - from} updates are computed, the first one of each column` : "") +
    (log ? "; a rate of 0 is drawn at the bottom" : "") +
    (state.epoch ? `; ${short((to - from) / state.epoch)} epochs` : ""));
  by("from").placeholder = "0";
  by("to").placeholder = to;
  read();
  document.documentElement.dataset.drawn = shown.length;
}

// Sets the text of an element, if it is another one.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

let listed = "";

// Shows the rates at the cursor.
function read() {
  const {t, epoch} = state, shown = state.lines.filter(line => line.schedule), table = by("readings");
  const rates = shown.map(line => build(line.schedule).lr(t));
  picture.point(t, `t = ${t}: ${shown.map((line, i) => `${line.letter} ${short(rates[i])}`).join(", ")}`);
  setText(by("where"), epoch ? `epoch ${quotient(t, epoch)}, its update ${t % epoch} (both from 0)` : "");
  const names = shown.map(line => `${line.letter} ${line.schedule.kind}`), logged = state.logged?.rates[t];
  if (state.logged) {
    names.push("log");
    rates.push(logged ?? NaN);
  }
  if (listed !== names.join()) {
    listed = names.join();
    table.replaceChildren(element("tr", {}, ...["", "", "as float32", "bits"].map(
      name => element("th", {scope: "col"}, name))), ...names.map(name => element("tr", {},
      element("th", {scope: "row", class: `key ${name[0]}`}, name), element("td"), element("td"),
      element("td"))));
  }
  setText(table.rows[0].cells[1], `rate at t = ${t}`);
  rates.forEach((rate, i) => {
    const cells = table.rows[i + 1].cells;
    if (Number.isNaN(rate)) return [1, 2, 3].forEach(place => setText(cells[place], "not logged"));
    setText(cells[1], String(rate));
    setText(cells[2], String(Number(Math.fround(rate).toPrecision(9))));
    setText(cells[3], bitsOf(rate));
  });
}

// Returns what the address has after "#": the valid schedules, and the view where it is not the usual one.
function link() {
  const view = Object.keys(VIEW).filter(name => state[name] !== VIEW[name]).map(name => [name, state[name]]);
  const schedules = state.lines.filter(line => line.schedule).map(line => withoutNulls(line.schedule));
  return `#${encodeURIComponent(JSON.stringify({format: 1, schedules, ...Object.fromEntries(view)}))}`;
}

let waiting = false, timer = 0, refused = false;  // refused: the address was, and stays until something is changed

// Checks the schedules that have changed, and draws them.
function frame() {
  for (const line of state.lines) {
    const text = JSON.stringify(line.raw);
    if (text !== line.text) Object.assign(line, check(line.raw), {text});
    line.warn();
  }
  draw();
}

// Draws before the next frame. The JSON, the code and the address follow when nothing has changed for a moment: browsers
// limit how often a page may change its address.
function changed() {
  if (!waiting) requestAnimationFrame(() => {
    const stays = refused;
    waiting = refused = false;
    frame();
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.lines.forEach(line => line.update());
      if (!stays) history.replaceState(null, "", link());
    }, 150);
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
  const compared = element("p", {class: "compared"});
  let framework = "torch", way = "self-contained";
  const note = element("p", {class: "kind note"});
  const spell = () => {
    const [text, about] = line.schedule ? WAYS[way](line.schedule, framework) : [null, ""];
    setText(code, text ?? "");
    setText(note, about);
  };
  line.written = line.warned = null;
  line.warn = () => {
    const text = line.mistakes.join("\n");
    if (line.warned !== text) problems.replaceChildren(...line.mistakes.map(each => element("li", {}, each)));
    line.warned = text;
  };
  line.update = () => {
    const {logged} = state, {schedule} = line;
    if (line.compared?.logged !== logged || line.compared.schedule !== schedule) {
      line.compared = {logged, schedule, text: logged && schedule
        ? describeComparison(compareLog(logged, build(schedule).lr)) : ""};
    }
    setText(compared, line.compared.text);
    if (line.written === line.text || !line.schedule) return;
    line.written = line.text;
    if (document.activeElement !== json) json.value = jsonOf(line.schedule);
    spell();
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
    double, remove), problems, compared, scheduleForm(line.raw, letter, value => { line.raw = value; rebuilt(); }),
  element("details", {}, element("summary", {}, "JSON"), json, use,
    button("Copy", `Copy the JSON of schedule ${letter}`, () => copyText(json)), said),
  element("details", {}, element("summary", {}, "Code"),
    element("div", {class: "field"}, element("label", {for: `${letter}.framework`}, "framework"),
      choice(`${letter}.framework`, Object.keys(TARGETS), framework, value => { framework = value; spell(); }),
      element("label", {for: `${letter}.way`}, "code"),
      choice(`${letter}.way`, Object.keys(WAYS), way, value => { way = value; spell(); })), note, code,
    element("p", {class: "kind"}, "To measure what the code applies, or for another library, save the JSON as " +
      "schedule.json and run ", element("code", {}, "lr-parity port schedule.json --to all"),
    ". This page runs no framework.")));
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
