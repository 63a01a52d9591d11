"use strict";
// Computes runs of equal rates and their differences, and draws them as a chart of steps.

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

const WIDTH = innerWidth < 640 ? 480 : 1000, LEFT = 58, RIGHT = 10;

// Draws lines of steps. low, high: the range of values. marks: values and labels of the vertical axis. from: the first
// of the drawn updates.
function chart(height, updates, lines, low, high, marks, title, from = 0) {
  const y = value => 10 + (height - 36) * (1 - (value - low) / (high - low || 1));
  const x = t => LEFT + (WIDTH - LEFT - RIGHT) * (t - from) / updates;
  const svg = element("svg", {viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title});
  for (const [value, label] of marks) {
    svg.append(element("line", {class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value)}),
      element("text", {x: LEFT - 6, y: y(value) + 4, "text-anchor": "end"}, label));
  }
  for (const part of [0, .2, .4, .6, .8, 1]) {
    const t = from + updates * part;
    svg.append(element("text", {x: x(t), y: height - 6, "text-anchor": part === 1 ? "end" : "middle"},
      String(Math.round(t))));
  }
  for (const line of lines) {
    let d = "";
    for (const {start, end, value} of line.steps) {
      d += `${d ? "L" : "M"}${x(start).toFixed(2)} ${y(value).toFixed(2)}H${x(end).toFixed(2)}`;
    }
    svg.append(element("path", {d, class: line.style, "data-of": line.of, "data-kind": line.kind, ...line.extra}));
  }
  return svg;
}
