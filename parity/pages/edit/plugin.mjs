// Answers `lr-parity check --command "node parity/pages/edit/plugin.mjs"` with the rates of schedule.js.
//
// parity/PROTOCOL.md has the protocol. Composed kinds are computed from their own fields, not from `composed`.
import {createInterface} from "node:readline";
import {COMPOSED, KINDS, bitsOf, build} from "./node.mjs";

// Returns the kinds in a schedule that have no function here.
function missing(schedule) {
  const inner = Object.values(schedule).flat().filter(value => value && typeof value === "object" && "kind" in value);
  return [schedule.kind, ...inner.flatMap(missing)].filter(kind => !(kind in KINDS || kind in COMPOSED));
}

// Returns the answer to one question.
function answer({schedule, updates}) {
  const [unknown] = missing(schedule);
  if (unknown) return {skipped: `${unknown} is not implemented`};
  const {lr} = build(schedule);
  return {bits: Array.from({length: updates}, (_, t) => bitsOf(lr(t)))};
}

let greeted = false;
for await (const line of createInterface({input: process.stdin})) {
  const question = JSON.parse(line);
  console.log(JSON.stringify(greeted ? {id: question.id, ...answer(question)}
    : {protocol: 1, name: "schedule.js", version: `node ${process.version}`}));
  greeted = true;
}
