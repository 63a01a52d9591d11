const report = JSON.parse(document.getElementById("document").textContent);
const frameworks = Object.keys(report.versions);
// The names of the two kinds of series on the page.
const LABELS = {exact: "port", natural: "usual code"};
const shown = {exact: true, natural: true};
for (const name of frameworks) shown[name] = true;

// Compresses a difference, so that 1 ULP stays visible beside a million.
const symlog = ulp => Math.sign(ulp) * Math.log10(1 + Math.abs(ulp));

// Returns the first update at which rates differ from the specification, or null.
function missing(rates, specified) {
  const first = ulps(series(rates.bits), specified).find(step => step.ulp !== 0);
  return first ? first.start : null;
}

// Returns the kinds in a schedule, the outer one first.
function kinds(schedule) {
  const inner = [schedule.of, schedule.then, ...(schedule.parts || [])].filter(Boolean);
  return [schedule.kind, ...inner.flatMap(kinds)];
}

// Returns what a chart draws of runs with a value each.
function lineOf(runs, value, of, kind, style, extra = {}) {
  return {of, kind, style, extra, starts: [0, ...runs.map(run => run.end)], values: runs.map(value)};
}

const cards = [], view = {log: false, t: 0};

// Returns the section of a case: its charts and notes.
function card(entry) {
  const specified = series(entry.specified), lines = [], differences = [];
  const all = [{label: "specified", runs: specified}];
  const line = (runs, of, kind, label) => {
    const off = ulps(runs, specified), largest = off.reduce((most, step) => Math.max(most, Math.abs(step.ulp)), 0);
    lines.push(lineOf(runs, run => run.rate, of, kind, `${of} ${kind}`));
    differences.push(lineOf(off, step => symlog(step.ulp), of, kind, `${of} ${kind}`, {"data-ulp": largest}));
    all.push({label, runs, of, kind});
  };
  for (const name of frameworks) line(series(entry.applied[name].bits), name, "exact", name);
  for (const name of frameworks) {
    if (entry.natural[name]) line(series(entry.natural[name].bits), name, "natural", `${name}, ${LABELS.natural}`);
  }
  lines.unshift(lineOf(specified, run => run.rate, "specified", "exact", "specified"));
  const farthest = differences.flatMap(each => each.values).reduce((a, value) => Math.max(a, Math.abs(value)), 1);
  const end = Math.round(10 ** farthest - 1), far = end < 1e5 ? String(end) : end.toExponential(0).replace("e+", "e");
  const signs = [[-farthest, `−${far}`], [0, "0 ULP"], [farthest, `+${far}`]];
  const charts = [makeChart(240, `Applied rates of ${entry.name} over updates`),
    makeChart(120, `ULP differences of ${entry.name} per update`)];
  const shows = {from: 0, to: entry.updates};
  const draw = () => {
    const {log} = view, scale = axis(lines.map(each => each.values), log);
    charts[0].draw({...shows, ...scale, log, lines});
    charts[1].draw({...shows, low: -farthest, high: farthest, marks: signs, log: false, lines: differences});
    charts.forEach(each => each.point(view.t));
  };
  const zoom = part => { Object.assign(shows, part ?? {from: 0, to: entry.updates}); draw(); };
  const now = () => ({...shows, t: view.t, end: entry.updates});
  for (const each of charts) {
    follow(each.svg, {view: now, zoom, leave: () => { tip.hidden = true; }, point: (t, event) => {
      const rates = all.filter(({of, kind}) => !of || shown[of] && shown[kind]);
      pointAll(t);
      each.point(t, `update ${t}: ${rates.map(one => `${one.label} ${short(at(one.runs, t).rate)}`).join(", ")}`);
      showTip(t, rates, specified, event ?? each.svg);
    }});
  }
  const button = (text, press) => {
    const result = element("button", {type: "button", "aria-label": `${text}: ${entry.name}`}, text);
    result.addEventListener("click", press);
    return result;
  };
  const section = element("section", {id: `case-${entry.name}`}, element("h2", {}, entry.name),
    element("p", {class: "kind"}, `${entry.updates} updates · ${JSON.stringify(entry.schedule)}`),
    element("p", {class: "kind"}, "Applied learning rate, by update ",
      button("Zoom in", () => zoom(zoomed(now(), view.t, .5, entry.updates))),
      button("Zoom out", () => zoom(zoomed(now(), view.t, 2, entry.updates))), button("Show all", () => zoom(null))),
    charts[0].svg,
    element("p", {class: "kind"}, "Difference from the specification in float32 numbers (ULP, logarithmic), by update"),
    charts[1].svg);
  draw();
  cards.push({charts, draw});
  const notes = element("ul");
  for (const name of frameworks) {
    const {said, built_in} = entry.applied[name], spelled = entry.natural[name];
    if (said) notes.append(element("li", {class: "differs"}, `${name}: ${said}`));
    if (built_in.length) notes.append(element("li", {}, `${name}: the port uses the built-in ${built_in.join(", ")}`));
    if (!spelled) continue;
    const first = missing(spelled, specified);
    notes.append(element("li", {}, element("span", {class: `key ${name}`}, `${name}, ${LABELS.natural}: `),
      element("code", {}, spelled.spelling), first === null ? " applies the same rates." :
        ` differs from update ${first} on. ${spelled.effect}`));
  }
  section.append(notes);
  return section;
}

// Moves the cursor of every chart to update t.
function pointAll(t) {
  view.t = t;
  document.getElementById("t").value = t;
  for (const {charts} of cards) charts.forEach(each => each.point(t));
}

const tip = document.getElementById("tip");

// Shows the rates of update t beside the pointer, or over a chart that has the focus.
function showTip(t, rates, specified, where) {
  const table = element("table", {}, element("tr", {}, element("th", {}, `update ${t}`), element("th", {}, "rate"),
    element("th", {}, "bits"), element("th", {}, "ULP")));
  for (const {label, runs, of} of rates) {
    const run = at(runs, t), ulp = run.word - at(specified, t).word;
    table.append(element("tr", {}, element("td", {class: `key ${of || ""}`}, label),
      element("td", {}, String(Number(run.rate.toPrecision(9)))), element("td", {}, run.bits),
      element("td", {}, ulp ? `${ulp > 0 ? "+" : "−"}${Math.abs(ulp)}` : "0")));
  }
  tip.replaceChildren(table);
  tip.hidden = false;
  const box = where instanceof Event ? null : where.getBoundingClientRect();
  const [x, y] = box ? [box.left + box.width / 2, box.top] : [where.clientX, where.clientY];
  const above = box || y > innerHeight / 2;
  tip.style.left = `${Math.max(4, Math.min(innerWidth - tip.offsetWidth - 4, x + 12))}px`;
  tip.style.top = `${Math.max(4, above ? y - tip.offsetHeight - 14 : y + 16)}px`;
}

const rows = new Map();

// Returns the row of a case in the table.
function row(entry) {
  const specified = series(entry.specified);
  const line = element("tr", {}, element("th", {scope: "row"}, element("a", {href: `#case-${entry.name}`}, entry.name)),
    element("td", {}, String(entry.updates)));
  for (const name of frameworks) {
    const {first_difference: first, edges} = entry.applied[name];
    const cell = element("td", {"data-of": name}, first === null ?
      element("span", {}, edges ? `✓ ${edges} within the tolerance` : "✓ equal")
      : element("span", {class: "differs"}, `✗ from update ${first}`));
    const natural = entry.natural[name] ? missing(entry.natural[name], specified) : null;
    if (natural !== null) cell.append(element("span", {class: "misses"}, ` · ${LABELS.natural} ✗ ${natural}`));
    line.append(cell);
  }
  return line;
}

// Shows the cases and series that match the form.
function filter() {
  const words = document.getElementById("find").value.toLowerCase().split(/[\s,]+/).filter(Boolean);
  const only = document.getElementById("only").value;
  let count = 0;
  for (const entry of report.cases) {
    const {text, differs, misses, parts} = rows.get(entry.name);
    const visible = words.every(word => text.includes(word)) && (only !== "differing" || differs) &&
      (only !== "natural" || misses);
    for (const part of parts) part.hidden = !visible;
    count += visible;
  }
  document.getElementById("none").hidden = count > 0;
  for (const path of document.querySelectorAll("path[data-kind]")) {
    const {of, kind} = path.dataset;
    path.style.display = of === "specified" || (shown[of] && shown[kind]) ? "" : "none";
  }
}

// Fills the page.
function start() {
  const matrix = document.getElementById("matrix"), sections = document.getElementById("cards"), body = element("tbody");
  matrix.append(element("thead", {}, element("tr", {}, ...["schedule", "updates", ...frameworks].map(
    name => element("th", {scope: "col"}, name)))), body);
  let differing = 0, misses = 0;
  for (const entry of report.cases) {
    const parts = [row(entry), card(entry)], specified = series(entry.specified);
    const differs = frameworks.some(name => entry.applied[name].first_difference !== null);
    const missed = frameworks.filter(name => entry.natural[name] && missing(entry.natural[name], specified) !== null);
    rows.set(entry.name, {parts, differs, misses: missed.length > 0,
      text: [entry.name, ...kinds(entry.schedule),
        ...frameworks.flatMap(name => entry.applied[name].built_in)].join(" ").toLowerCase()});
    body.append(parts[0]);
    sections.append(parts[1]);
    differing += differs;
    misses += missed.length;
  }
  const updates = report.cases.reduce((sum, entry) => sum + entry.updates, 0) * frameworks.length;
  document.getElementById("totals").textContent = `${report.cases.length} schedules, ` +
    `${frameworks.length} frameworks, ${updates.toLocaleString("en")} updates: ${differing} differ. ` +
    `The usual code with built-in classes differs from the specification ${misses} times.`;
  document.getElementById("about").textContent = `Measured ${report.made} by ${report.command}: ` +
    frameworks.map(name => `${name} ${report.versions[name]}`).join(", ") +
    ". Grey lines are the specification; thinner lines are drawn over thicker ones; " +
    "dashed lines are the usual code with built-in classes.";
  const series_ = document.getElementById("series");
  for (const name of Object.keys(shown)) {
    const box = element("input", {type: "checkbox", checked: ""});
    box.addEventListener("change", () => { shown[name] = box.checked; filter(); });
    series_.append(element("label", {class: `key ${name}`}, box, ` ${LABELS[name] || name}`));
  }
  const log = document.getElementById("log"), t = document.getElementById("t");
  log.addEventListener("change", () => { view.log = log.checked; cards.forEach(each => each.draw()); });
  t.addEventListener("input", () => {
    const update = Number(t.value);
    if (t.value !== "" && Number.isInteger(update) && update >= 0) pointAll(update);
  });
  document.getElementById("find").addEventListener("input", filter);
  document.getElementById("only").addEventListener("change", filter);
  document.getElementById("filter").addEventListener("submit", event => event.preventDefault());
  filter();
  document.documentElement.dataset.drawn = document.querySelectorAll("section svg").length / 2;
}

start();
