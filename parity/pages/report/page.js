const found = JSON.parse(document.getElementById("document").textContent);
const frameworks = Object.keys(found.versions);
const shown = {exact: true, natural: true};
for (const name of frameworks) shown[name] = true;

const symlog = ulp => Math.sign(ulp) * Math.log10(1 + Math.abs(ulp));

function missing(one, specified) {
  const first = ulps(series(one.bits), specified).find(step => step.ulp !== 0);
  return first ? first.start : null;
}

function kinds(schedule) {
  const inner = [schedule.of, schedule.then, ...(schedule.parts || [])].filter(Boolean);
  return [schedule.kind, ...inner.flatMap(kinds)];
}

function card(one) {
  const specified = series(one.specified), lines = [], differences = [], all = [{label: "specified", runs: specified}];
  const line = (runs, of, kind, label) => {
    const off = ulps(runs, specified), largest = off.reduce((most, step) => Math.max(most, Math.abs(step.ulp)), 0);
    lines.push({steps: runs.map(run => ({...run, value: run.rate})), of, kind, style: `${of} ${kind}`, extra: {}});
    differences.push({steps: off.map(step => ({...step, value: symlog(step.ulp)})), of, kind, style: `${of} ${kind}`,
      extra: {"data-ulp": largest}});
    all.push({label, runs, of, kind});
  };
  for (const name of frameworks) line(series(one.applied[name].bits), name, "exact", name);
  for (const name of frameworks) {
    if (one.natural[name]) line(series(one.natural[name].bits), name, "natural", `${name}, natural`);
  }
  const rates = [specified, ...lines.map(each => each.steps)].flat().map(run => run.rate);
  const most = rates.reduce((a, b) => Math.max(a, b), 0) || 1;
  const farthest = differences.flatMap(each => each.steps).reduce((a, step) => Math.max(a, Math.abs(step.value)), 1);
  lines.unshift({steps: specified.map(run => ({...run, value: run.rate})), of: "specified", kind: "exact",
    style: "specified", extra: {}});
  const ticks = [0, .5, 1].map(part => [most * part, String(Number((most * part).toPrecision(2)))]);
  const end = Math.round(10 ** farthest - 1), far = end < 1e5 ? String(end) : end.toExponential(0).replace("e+", "e");
  const signs = [[-farthest, `−${far}`], [0, "0 ULP"], [farthest, `+${far}`]];
  const section = element("section", {id: `case-${one.name}`}, element("h2", {}, one.name),
    element("p", {class: "kind"}, `${one.updates} updates · ${JSON.stringify(one.schedule)}`),
    chart(240, one.updates, lines, 0, most, ticks, `Applied rates of ${one.name} over updates`),
    chart(120, one.updates, differences, -farthest, farthest, signs, `ULP differences of ${one.name} per update`));
  for (const svg of section.querySelectorAll("svg")) hover(svg, one.updates, all, specified);
  const notes = element("ul");
  for (const name of frameworks) {
    const {said, built_in} = one.applied[name], spelled = one.natural[name];
    if (said) notes.append(element("li", {class: "differs"}, `${name}: ${said}`));
    if (built_in.length) notes.append(element("li", {}, `${name}, exact, by its own ${built_in.join(", ")}`));
    if (!spelled) continue;
    const first = missing(spelled, specified);
    notes.append(element("li", {}, element("span", {class: `key ${name}`}, `${name}, natural: `),
      element("code", {}, spelled.spelling), first === null ? " applies the same rates." :
        ` differs from update ${first} on. ${spelled.effect}`));
  }
  section.append(notes);
  return section;
}

const tip = document.getElementById("tip");

function hover(svg, updates, all, specified) {
  const move = event => {
    const box = svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    const t = Math.min(updates - 1, Math.max(0, Math.floor(share * updates)));
    const table = element("table", {}, element("tr", {}, element("th", {}, `update ${t}`), element("th", {}, "rate"),
      element("th", {}, "bits"), element("th", {}, "ULP")));
    for (const {label, runs, of, kind} of all) {
      if (of && !(shown[of] && shown[kind])) continue;
      const run = at(runs, t), ulp = run.word - at(specified, t).word;
      table.append(element("tr", {}, element("td", {class: `key ${of || ""}`}, label),
        element("td", {}, String(Number(run.rate.toPrecision(9)))), element("td", {}, run.bits),
        element("td", {}, ulp ? `${ulp > 0 ? "+" : "−"}${Math.abs(ulp)}` : "0")));
    }
    tip.replaceChildren(table);
    tip.hidden = false;
    const width = tip.offsetWidth, above = event.clientY > innerHeight / 2;
    tip.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, event.clientX + 12))}px`;
    tip.style.top = `${above ? event.clientY - tip.offsetHeight - 14 : event.clientY + 16}px`;
  };
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerdown", move);
  svg.addEventListener("pointerleave", () => { tip.hidden = true; });
}

const rows = new Map();

function row(one) {
  const specified = series(one.specified);
  const made = element("tr", {}, element("th", {scope: "row"}, element("a", {href: `#case-${one.name}`}, one.name)),
    element("td", {}, String(one.updates)));
  for (const name of frameworks) {
    const {first_difference: first, edges} = one.applied[name];
    const cell = element("td", {"data-of": name}, first === null ? element("span", {}, edges ? `✓ ${edges} on the edge` : "✓ equal")
      : element("span", {class: "differs"}, `✗ from update ${first}`));
    const natural = one.natural[name] ? missing(one.natural[name], specified) : null;
    if (natural !== null) cell.append(element("span", {class: "misses"}, ` · natural ✗ ${natural}`));
    made.append(cell);
  }
  return made;
}

function filter() {
  const words = document.getElementById("find").value.toLowerCase().split(/[\s,]+/).filter(Boolean);
  const only = document.getElementById("only").value;
  let count = 0;
  for (const one of found.cases) {
    const {text, differs, misses, parts} = rows.get(one.name);
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

function start() {
  const matrix = document.getElementById("matrix"), cards = document.getElementById("cards"), body = element("tbody");
  matrix.append(element("thead", {}, element("tr", {}, ...["schedule", "updates", ...frameworks].map(
    name => element("th", {scope: "col"}, name)))), body);
  let differing = 0, misses = 0;
  for (const one of found.cases) {
    const parts = [row(one), card(one)], specified = series(one.specified);
    const differs = frameworks.some(name => one.applied[name].first_difference !== null);
    const missed = frameworks.filter(name => one.natural[name] && missing(one.natural[name], specified) !== null);
    rows.set(one.name, {parts, differs, misses: missed.length > 0,
      text: [one.name, ...kinds(one.schedule), ...frameworks.flatMap(name => one.applied[name].built_in)].join(" ").toLowerCase()});
    body.append(parts[0]);
    cards.append(parts[1]);
    differing += differs;
    misses += missed.length;
  }
  const updates = found.cases.reduce((sum, one) => sum + one.updates, 0) * frameworks.length;
  document.getElementById("totals").textContent = `${found.cases.length} schedules, ${frameworks.length} frameworks, ` +
    `${updates.toLocaleString("en")} updates: ${differing} differ. ${misses} natural spellings miss.`;
  document.getElementById("about").textContent = `Measured ${found.made} by ${found.command}: ` +
    frameworks.map(name => `${name} ${found.versions[name]}`).join(", ") +
    ". Grey is the specification; thinner lines lie on thicker ones; dashes are natural spellings.";
  const series_ = document.getElementById("series");
  for (const name of Object.keys(shown)) {
    const box = element("input", {type: "checkbox", checked: ""});
    box.addEventListener("change", () => { shown[name] = box.checked; filter(); });
    series_.append(element("label", {class: `key ${name}`}, box, ` ${name}`));
  }
  document.getElementById("find").addEventListener("input", filter);
  document.getElementById("only").addEventListener("change", filter);
  document.getElementById("filter").addEventListener("submit", event => event.preventDefault());
  filter();
  document.documentElement.dataset.drawn = document.querySelectorAll("section svg").length / 2;
}

start();
