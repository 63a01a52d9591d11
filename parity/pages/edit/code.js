"use strict";
// Writes a schedule as text: JSON, and code for a framework.

// Returns a schedule without the fields that are null, as the specification writes it.
const withoutNulls = schedule => JSON.parse(JSON.stringify(schedule, (_, value) => value === null ? undefined : value));
const jsonOf = schedule => `${JSON.stringify(withoutNulls(schedule), null, 2)}\n`;

// Returns a value in Python. classes: collects the names of classes.
function pythonOf(value, classes) {
  if (Array.isArray(value)) return `[${value.map(item => pythonOf(item, classes)).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const {name, fields} = DOCUMENT.kinds[value.kind];
  classes.add(name);
  const given = Object.entries(fields).filter(([field, {default: usual}]) => value[field] !== (usual ?? null));
  return `${name}(${given.map(([field]) => `${field}=${pythonOf(value[field], classes)}`).join(", ")})`;
}

const USES = {
  torch: ["scheduler = build(schedule, optimizer)  # call scheduler.step() after every optimizer.step()"],
  mxnet: ['trainer = gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": build(schedule)})'],
  tensorflow: ["optimizer = keras.optimizers.SGD(learning_rate=build(schedule))"],
};

// Returns the code that applies a schedule with this project's back end for a framework.
function codeOf(schedule, framework) {
  const classes = new Set(), text = pythonOf(schedule, classes);
  return [`from frameworks.schedule import ${[...classes].sort().join(", ")}`,
    `from frameworks.${framework} import build`, "", `schedule = ${text}`, ...USES[framework], ""].join("\n");
}

// The ways in which code is written, each with the code and a sentence about it; the code is null where there is none.
const WAYS = {
  "self-contained": (schedule, target) => [exactCode(schedule, target), "It applies exactly the specified rates."],
  "built-in class": (schedule, target) => {
    const found = spellingsOf(schedule, target).built_in;
    if (!found) return [null, `No built-in class of ${target} applies this schedule.`];
    return [found.code, found.note || "No difference from the specified rates is known."];
  },
  "with this project": (schedule, target) => target in USES
    ? [codeOf(schedule, target), "It applies exactly the specified rates, with a built-in class where one is exact."]
    : [null, `This project has no back end for ${target}: the self-contained code applies the rates.`],
};
