"use strict";
// Reads what is pasted: a constructor, a specification in JSON, or a log of rates.

// Returns a text as one argument of a shell.
const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

// Returns the command that reads a constructor with Python.
function commandOf(text, source, lr, options = "") {
  const rate = lr === null ? "" : ["mxnet", "gluoncv"].includes(source)
    ? ` --optimizer ${quoted(`SGD(learning_rate=${lr})`)}` : ` --lr ${lr}`;
  return `lr-parity port ${quoted(text)} --from ${source ?? "LIBRARY"}${rate}${options && ` ${options}`} --to all`;
}

// Returns a pasted text without the blank lines and the fence around it, and the number of lines before it.
function unwrapPasted(pasted) {
  const whole = pasted.trim(), [, fence = "", inner = whole] = FENCE.exec(whole) ?? [], text = inner.trim();
  const opening = whole.slice(0, whole.length - fence.length - inner.length);
  const spaces = each => each.slice(0, each.length - each.trimStart().length);
  return [text, (spaces(pasted) + opening + spaces(inner)).split("\n").length - 1];
}

// Returns what a pasted text is: a schedule or a log with a sentence about it, or why it cannot be read; and a command.
//
// source: the library that is chosen, or null. lr: the optimizer's rate, or null.
function readPasted(pasted, source, lr) {
  const [text, before] = unwrapPasted(pasted);
  if (text.startsWith("{") && /"kind"/.test(text)) {
    const {schedule, mistakes} = parse("\n".repeat(before) + text);
    return schedule ? {schedule, said: "Read as a specification."} : {mistakes};
  }
  if (isLog(text)) {
    try {
      return {log: readLog(text, before)};
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return {mistakes: [error.message], command: "lr-parity explain LOG.csv SCHEDULE.json"};
    }
  }
  const known = source && DOCUMENT.libraries[source].examples.find(each => each.text === text && each.lr === lr);
  const command = commandOf(text, source ?? usualSource(text), lr, known?.options);
  try {
    const {schedule, notes, source: library, name} = readConstructor(text, source, lr);
    return {schedule, command, said: [`Read as ${name} of ${library}.`, ...notes].join(" ")};
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (known) return {schedule: known.schedule, command, said: "Read by Python, when this page was made."};
    return {mistakes: [error.message], command};
  }
}

// Returns the library of the first class in a text that only one library has.
function usualSource(text) {
  const names = [...text.matchAll(/\b([A-Za-z_][\w.]*)\s*\(/g)].map(([, name]) => librariesOfCall(name));
  return names.find(libraries => libraries.length === 1)?.[0] ?? null;
}

// Builds the part of the page into which text is pasted.
function pasteForm() {
  const area = element("textarea", {id: "pasted", rows: 4, spellcheck: "false",
    placeholder: "CosineAnnealingLR(optimizer, T_max=20)"});
  const said = element("p", {id: "said", role: "status"}), problems = element("ul", {id: "unread", class: "differs", role: "alert"});
  const command = element("pre", {id: "command"}), rate = element("input", {id: "rate", type: "number", step: "any", min: 0});
  const library = choice("library", ["", ...LIBRARIES], "", () => {});
  library.options[0].textContent = "by the class";
  const classes = element("select", {id: "class"}, element("option", {value: ""}, "Choose a class …"),
    ...LIBRARIES.filter(source => DOCUMENT.libraries[source].examples.length).map(source => element("optgroup",
      {label: source}, ...DOCUMENT.libraries[source].examples.map((each, i) => element("option", {value: `${source} ${i}`}, each.name)))));
  const use = () => {
    const lr = rate.value === "" ? null : Number(rate.value);
    const result = rate.validity.badInput ? {mistakes: ["the rate of the optimizer must be a number"]}
      : readPasted(area.value, library.value || null, lr);
    problems.replaceChildren(...(result.mistakes ?? []).map(text => element("li", {}, text)));
    setText(command, result.command ? `${result.mistakes ? "Read it with Python:" : "With Python, also what surprises:"}\n${result.command}` : "");
    if (result.log) state.logged = result.log;
    const full = result.schedule && state.lines.length === LETTERS.length;
    setText(said, result.log ? describeLog(result.log)
      : `${result.said ?? ""}${full ? ` It replaces schedule ${LETTERS[LETTERS.length - 1]}.` : ""}`);
    if (full) state.lines.pop();
    if (result.schedule) addSchedule(copy(result.schedule));
    else if (result.log) changed();
  };
  classes.addEventListener("change", () => {
    if (!classes.value) return;
    const [source, i] = classes.value.split(" "), example_ = DOCUMENT.libraries[source].examples[i];
    area.value = example_.text;
    library.value = source;
    rate.value = example_.lr ?? "";
    use();
  });
  by("paste").append(
    element("label", {for: "pasted"}, "constructor, JSON, or a log in CSV or JSON lines"), area,
    element("div", {class: "field"}, element("label", {for: "library"}, "library"), library,
      element("label", {for: "rate"}, "rate of the optimizer (torch, MXNet)"), rate, button("Add", "Add what was pasted", use),
      button("Remove the log", "Remove the log", () => { state.logged = null; setText(said, ""); changed(); })),
    element("div", {class: "field"}, element("label", {for: "class"}, "class"), classes, element("span", {class: "kind"}, "gives an example")),
    said, problems, command);
}
