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

// Sets the drawn updates.
function zoom(from, to) {
  state.from = Math.max(0, Math.floor(from));
  state.to = to === null ? null : Math.max(state.from + 1, Math.ceil(to));
  fill();
  changed();
}

// Returns the update under the pointer.
function pointed(event) {
  const box = by("plot").getBoundingClientRect();
  const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / COLUMNS, n = end() - state.from;
  return state.from + Math.min(n - 1, Math.max(0, Math.floor(share * n)));
}

// Moves the cursor to the pointer; dragging with a mouse chooses the updates to draw.
function follow() {
  const plot = by("plot");
  let begun = null;
  const move = event => {
    state.t = pointed(event);
    by("t").value = state.t;
    read();
  };
  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerdown", event => {
    begun = event.pointerType === "mouse" ? [event.clientX, pointed(event)] : null;
    move(event);
  });
  plot.addEventListener("pointerup", event => {
    if (begun && Math.abs(event.clientX - begun[0]) > 10) {
      const other = pointed(event);
      zoom(Math.min(begun[1], other), Math.max(begun[1], other) + 1);
    } else changed();  // the address
    begun = null;
  });
}

// Connects the inputs, and opens the address.
function start() {
  by("log").addEventListener("change", () => { state.log = by("log").checked; changed(); });
  for (const id of ["epoch", "from", "to", "t"]) number(id, changed);
  by("whole").addEventListener("click", () => zoom(0, null));
  for (const [id, by_] of [["in", .5], ["out", 2]]) {
    by(id).addEventListener("click", () => {
      const half = Math.max(1, (end() - state.from) * by_ / 2);
      const middle = Math.min(Math.max(state.t, state.from), end());
      zoom(middle - half, Math.min(middle + half, MAX_COUNT));
    });
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
  follow();
  openLink(location.hash);
}

start();
