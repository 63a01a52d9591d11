"use strict";
// Draws lines of steps over updates, with zoom, a logarithmic axis and a cursor. The report and the editor share it.
//
// A library was left out. uPlot has 50 kB and draws on a canvas: its lines have no elements that a test, a style sheet
// or a screen reader could use, and it would be the only package that a wheel is built from. This file has 9 kB, draws
// the steps that rates are, and moves four lines of 10,000 updates in a few milliseconds, since it computes one rate
// for each column of pixels and changes only the paths that differ.

// Returns runs of equal rates, each with its first update and the update after its last one.
function series(runs) {
  let start = 0;
  return runs.map(([bits, count]) => {
    const run = {start, end: start + count, word: parseInt(bits, 16), bits};
    run.rate = new DataView(new Uint32Array([run.word]).buffer).getFloat32(0, true);
    start += count;
    return run;
  });
}

// Returns the run that contains update t.
function at(runs, t) {
  let low = 0, high = runs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle].end <= t) low = middle + 1; else high = middle;
  }
  return runs[low];
}

// Returns the differences from the specification in float32 numbers. Rates are not negative, so their bits are ordered.
function ulps(runs, specified) {
  const result = [];
  let i = 0, j = 0, start = 0;
  while (i < runs.length && j < specified.length) {
    const end = Math.min(runs[i].end, specified[j].end), ulp = runs[i].word - specified[j].word;
    const last = result[result.length - 1];
    if (last && last.ulp === ulp) last.end = end; else result.push({start, end, ulp});
    if (runs[i].end === end) i++;
    if (specified[j].end === end) j++;
    start = end;
  }
  return result;
}

// Returns a new HTML or SVG element.
function element(name, attributes = {}, ...children) {
  const svg = ["svg", "path", "text", "line", "g"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const WIDTH = innerWidth < 640 ? 480 : 1000, LEFT = 58, RIGHT = 10, COLUMNS = WIDTH - LEFT - RIGHT;
const short = value => String(Number(value.toPrecision(3)));

// Returns the ends of the vertical axis of rates, and the values and labels of its marks.
function axis(lists, log) {
  let most = 0, least = Infinity;
  for (const rates of lists) {
    for (const rate of rates) {
      if (rate > most) most = rate;
      if (rate > 0 && rate < least) least = rate;
    }
  }
  most = most || 1;
  if (!log) return {low: 0, high: most, marks: [0, .25, .5, .75, 1].map(part => [most * part, short(most * part)])};
  // The float32 nearest to 0.01 is just below it, and needs no further power of ten.
  const high = Math.ceil(Math.log10(most) - 1e-6);
  const low = Math.min(high - 1, Math.floor(Math.log10(Math.min(least, most)) + 1e-6));
  const step = Math.ceil((high - low) / 8);
  const marks = Array.from({length: Math.floor((high - low) / step) + 1}, (_, i) => low + step * i);
  return {low, high, marks: marks.map(power => [power, `1e${power}`])};
}

const round = x => Math.round(x * 100) / 100;

// Returns a path through points, without those that are within a fifth of a pixel of it: a cosine keeps about 50 of its
// 900 points. Painting takes most of the time of a frame, and takes longer with each point.
function thin(x, y) {
  let d = `M${round(x[0])} ${round(y[0])}`, anchor = 0, low = -Infinity, high = Infinity;
  for (let i = 1; i < x.length; i++) {
    const run = x[i] - x[anchor], slope = (y[i] - y[anchor]) / run;
    if (slope < low || slope > high) {  // the line from the anchor to this point would miss one between them
      anchor = i - 1;
      d += `L${round(x[anchor])} ${round(y[anchor])}`;
      [low, high] = [-Infinity, Infinity];
      i--;
      continue;
    }
    low = Math.max(low, (y[i] - .2 - y[anchor]) / run);
    high = Math.min(high, (y[i] + .2 - y[anchor]) / run);
  }
  return `${d}L${round(x[x.length - 1])} ${round(y[y.length - 1])}`;
}

// Returns a chart: its element, a function that draws it, and one that moves its cursor.
//
// draw takes from and to, the drawn updates; low, high and marks of the vertical axis; log, whether values become
// logarithms, of which 0 is drawn at the bottom; and lines. A line has starts, the first update of each step and the end
// of the last one, and values; with sampled, the steps are narrower than a column of pixels and are drawn as a curve.
// Lines that have not changed since the last time are left as they are.
function makeChart(height, title) {
  const grid = element("g"), group = element("g"), cursor = element("line", {class: "cursor", y1: 10, y2: height - 26});
  const svg = element("svg", {viewBox: `0 0 ${WIDTH} ${height}`, role: "slider", tabindex: 0, "aria-label": title},
    grid, group, cursor);
  let paths = [], frame = "", view = {from: 0, to: 1};

  function trace({starts, values, sampled}, {from, to, low, high, log}) {
    const perUpdate = COLUMNS / (to - from), perValue = (height - 36) / (high - low || 1), bottom = height - 26;
    const x = t => LEFT + perUpdate * (Math.min(Math.max(t, from), to) - from);
    const y = value => bottom - perValue * ((!log ? value : value > 0 ? Math.log10(value) : low) - low);
    if (sampled) return thin([...Array.from(values, (_, i) => x(starts[i])), x(to)], [...Array.from(values, y),
      y(values[values.length - 1])]);
    let d = "";
    for (let i = 0; i < values.length; i++) {
      if (starts[i + 1] <= from || starts[i] >= to) continue;
      d += d ? `V${round(y(values[i]))}` : `M${round(x(starts[i]))} ${round(y(values[i]))}`;
      d += `H${round(x(starts[i + 1]))}`;
    }
    return d;
  }

  function drawGrid({from, to, low, high, marks}) {
    const y = value => 10 + (height - 36) * (1 - (value - low) / (high - low || 1));
    grid.replaceChildren(...marks.flatMap(([value, label]) => [
      element("line", {class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value)}),
      element("text", {x: LEFT - 6, y: y(value) + 4, "text-anchor": "end"}, label)]), ...[0, .2, .4, .6, .8, 1].map(
      part => element("text", {x: LEFT + COLUMNS * part, y: height - 6, "text-anchor": part === 1 ? "end" : "middle"},
        String(Math.round(from + (to - from) * part)))));
  }

  function draw(next) {
    const text = JSON.stringify([next.from, next.to, next.low, next.high, next.marks, next.log]), same = text === frame;
    if (!same) drawGrid(next);
    [frame, view] = [text, next];
    if (paths.map(old => old.key).join() !== next.lines.map(line => `${line.of} ${line.kind}`).join()) {
      paths = next.lines.map(line => ({key: `${line.of} ${line.kind}`, path: element("path",
        {class: line.style, "data-of": line.of, "data-kind": line.kind, ...line.extra})}));
      group.replaceChildren(...paths.map(old => old.path));
    }
    next.lines.forEach((line, i) => {
      const old = paths[i];
      if (!same || old.values !== line.values || old.starts !== line.starts) {
        old.path.setAttribute("d", trace(line, next));
        [old.values, old.starts] = [line.values, line.starts];
      }
    });
  }

  // Moves the cursor to update t. text: what a screen reader reads there.
  function point(t, text) {
    const {from, to} = view, x = round(LEFT + COLUMNS * (t - from + .5) / (to - from));
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.style.display = t < from || t >= to ? "none" : "";
    if (text === undefined) return;
    for (const [name, value] of [["min", from], ["max", to - 1], ["now", t], ["text", text]]) {
      svg.setAttribute(`aria-value${name}`, value);
    }
  }

  return {svg, draw, point};
}

// Returns the updates that are drawn after zooming: a part of the updates, around t.
function zoomed({from, to}, t, part, end) {
  const half = Math.max(1, (to - from) * part / 2), middle = Math.min(Math.max(t, from), to);
  const first = Math.max(0, Math.floor(middle - half));
  return {from: first, to: Math.max(first + 1, Math.min(Math.ceil(middle + half), end))};
}

// Connects the pointer and the keys with a chart. view: a function that returns from and to, the drawn updates, t, the
// cursor, and end, the last update that can be drawn. point moves the cursor; zoom sets the drawn updates, null for all.
// A drag with a mouse chooses updates. The keys are the arrows, Home, End, +, - and 0.
function follow(svg, {view, point, zoom, leave = () => {}}) {
  let begun = null;
  const under = event => {
    const box = svg.getBoundingClientRect(), {from, to} = view();
    const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / COLUMNS;
    return from + Math.min(to - from - 1, Math.max(0, Math.floor(share * (to - from))));
  };
  svg.addEventListener("pointermove", event => point(under(event), event));
  svg.addEventListener("pointerdown", event => {
    begun = event.pointerType === "mouse" ? [event.clientX, under(event)] : null;
    point(under(event), event);
  });
  svg.addEventListener("pointerup", event => {
    const other = under(event), dragged = begun && Math.abs(event.clientX - begun[0]) > 10;
    if (dragged) zoom({from: Math.min(begun[1], other), to: Math.max(begun[1], other) + 1});
    begun = null;
  });
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("dblclick", () => zoom(null));
  svg.addEventListener("keydown", event => {
    const now = view(), far = event.shiftKey ? 10 : 1, inside = t => Math.min(now.to - 1, Math.max(now.from, t));
    const moves = {ArrowLeft: now.t - far, ArrowDown: now.t - far, ArrowRight: now.t + far, ArrowUp: now.t + far,
      Home: now.from, End: now.to - 1};
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) point(inside(moves[event.key]), null);
    else if (event.key === "+" || event.key === "=") zoom(zoomed(now, now.t, .5, now.end));
    else if (event.key === "-") zoom(zoomed(now, now.t, 2, now.end));
    else if (event.key === "0") zoom(null);
    else return;
    event.preventDefault();
  });
}
