"use strict";
// Opens the page: reads the address, and connects the inputs of the view.

// Reads the address. Returns the mistakes in it; then nothing is changed.
function load(hash) {
  let given;
  try {
    given = JSON.parse(decodeURIComponent(hash.slice(1)));
  } catch (error) {
    return [`not JSON: ${error.message}`];
  }
  if (given?.format !== 1) return [`format: must be 1, got ${show(given?.format)}`];
  const {format, schedules, ...view} = given, mistakes = [];
  if (!Array.isArray(schedules) || schedules.length < 1 || schedules.length > LETTERS.length) {
    return [`schedules: must be a list of 1 to ${LETTERS.length}`];
  }
  const checked = schedules.map(check);
  checked.forEach((each, i) => mistakes.push(...each.mistakes.map(text => `schedules[${i}]: ${text}`)));
  for (const [name, value] of Object.entries(view)) {
    if (!Object.hasOwn(VIEW, name)) mistakes.push(`${name}: unknown field`);
    else if (name === "log" ? value !== true : !(isCount(value) && value && !(name === "from" && value === MAX_COUNT))) mistakes.push(`${name}: got ${show(value)}`);
  }
  if (mistakes.length) return mistakes;
  Object.assign(state, VIEW, view, {lines: checked.map(each => ({raw: copy(each.schedule)}))});
  return [];
}

const isCount = value => Number.isInteger(value) && value >= 0 && value <= MAX_COUNT;

// Shows the view's settings in the inputs.
function fill() {
  by("log").checked = state.log;
  for (const name of ["epoch", "from", "to", "t"]) by(name).value = state[name] || (name === "t" ? 0 : "");
}

// Reads the address, or shows the mistakes in it.
function openLink(hash) {
  const mistakes = hash.length > 1 ? load(hash) : [];
  by("refused").replaceChildren(...mistakes.map(text => element("li", {}, `The link cannot be used: ${text}`)));
  if (!state.lines.length) state.lines = DOCUMENT.first.map(schedule => ({raw: copy(schedule)}));
  fill();
  refused = mistakes.length > 0;
  rebuilt();
}

// Reads the whole number in an input; an empty one gives the usual value, and another text is marked and ignored.
function number(id, apply) {
  const input = by(id);
  input.addEventListener("input", () => {
    const usual = input.value === "" && !input.validity.badInput, value = usual ? VIEW[id] : Number(input.value);
    const good = usual || isCount(value) && input.value !== "" && !(value === 0 && (id === "epoch" || id === "to"));
    input.setAttribute("aria-invalid", String(!good));
    if (good) { state[id] = value; apply(); }
  });
}

// Sets the drawn updates: null draws all of them.
function zoom(updates) {
  Object.assign(state, updates ?? {from: 0, to: null});
  fill();
  changed();
}

const view = () => ({from: state.from, to: end(), t: state.t, end: MAX_COUNT});

// Moves the cursor to update t.
function point(t) {
  state.t = t;
  by("t").value = t;
  read();
}

// Connects the inputs, and opens the address.
function start() {
  by("log").addEventListener("change", () => { state.log = by("log").checked; changed(); });
  for (const id of ["epoch", "from", "to", "t"]) number(id, changed);
  by("whole").addEventListener("click", () => zoom(null));
  for (const [id, part] of [["in", .5], ["out", 2]]) {
    by(id).addEventListener("click", () => zoom(zoomed(view(), state.t, part, MAX_COUNT)));
  }
  by("add").addEventListener("click", () => addSchedule(example("cosine")));
  for (const id of ["samples", "batch", "dropped"]) {
    by(id).addEventListener("input", () => {
      const batches = Number(by("samples").value) / Number(by("batch").value);
      const updates = by("dropped").checked ? Math.floor(batches) : Math.ceil(batches);
      if (!isCount(updates) || updates < 1) return;
      by("epoch").value = state.epoch = updates;
      changed();
    });
  }
  by("view").addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", () => openLink(location.hash));
  pasteForm();
  by("plot").append(picture.svg);
  follow(picture.svg, {view, zoom, point: t => { point(t); changed(); }});
  openLink(location.hash);
}

start();
