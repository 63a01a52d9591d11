"use strict";
// Builds the form of a schedule: a field for each of its kind's, and the forms of the schedules inside it.

const copy = value => JSON.parse(JSON.stringify(value));
const example = kind => copy(DOCUMENT.kinds[kind].example);

// Returns a schedule of another kind, with the values of the fields that both have where they are valid.
function changeKind(schedule, kind) {
  const result = example(kind);
  for (const name of Object.keys(result)) {
    if (name === "kind" || !Object.hasOwn(schedule, name)) continue;
    const changed = {...result, [name]: schedule[name]};
    if (!check(changed).mistakes.length) result[name] = schedule[name];
  }
  return result;
}

// Returns a schedule put into another one, the first field for schedules of which it fills.
function wrap(schedule, kind) {
  const result = example(kind), [name] = holders(kind);
  if (Array.isArray(result[name])) result[name][0] = schedule; else result[name] = schedule;
  if (kind === "hold" && state.epoch) result.updates = state.epoch;
  return result;
}

// Returns a button.
function button(text, label, press) {
  const result = element("button", {type: "button", "aria-label": label}, text);
  result.addEventListener("click", press);
  return result;
}

// Returns a list to choose from. text: its first line, which chooses nothing; null if one is always chosen.
function choice(id, options, chosen, choose, text = null) {
  const result = element("select", {id});
  if (text !== null) result.append(element("option", {value: ""}, text));
  for (const option of options) result.append(element("option", {value: option}, String(option)));
  result.value = text === null ? String(chosen) : "";
  result.addEventListener("change", () => { if (result.value) choose(result.value); });
  return result;
}

// Returns the value of a slider's position, 0 to 1, and its inverse: logarithmic unless the field is a share.
function scaleOf(field) {
  if (field.maximum === 1) {
    return [share => Math.max(share, field.minimum === 0 ? 0 : .001), value => value];
  }
  const whole = field.type === "integer", least = field.minimum ?? 0;
  const low = whole ? 0 : least ? -3 : -7, high = whole ? 6 : least ? 4 : 1;
  return [share => {
    if (share === 0 && !(least > 0)) return 0;
    const value = Number((10 ** (low + (high - low) * share)).toPrecision(3));
    return whole ? Math.max(least, Math.round(value)) : value;
  }, value => value > 0 ? Math.min(1, Math.max(0, (Math.log10(value) - low) / (high - low))) : 0];
}

// Returns the inputs of a number: what is typed, and a slider.
function numbers(id, field, value, set) {
  const [valueOf, shareOf] = scaleOf(field);
  const input = element("input", {id, type: "number", step: "any", value: value ?? "", inputmode: "decimal"});
  if (field.nullable) input.placeholder = "none";
  const slider = element("input", {id: `${id}-slider`, type: "range", min: 0, max: 1000, step: 1,
    "aria-label": `${id.split(".").pop()}, slider`});
  slider.value = Math.round(1000 * shareOf(value ?? 0));
  input.addEventListener("input", () => {
    const typed = input.validity.badInput ? "not a number"
      : input.value === "" ? (field.nullable ? null : undefined) : Number(input.value);
    slider.value = Math.round(1000 * shareOf(Number(typed) || 0));
    set(typed);
  });
  slider.addEventListener("input", () => {
    input.value = valueOf(slider.value / 1000);
    set(Number(input.value));
  });
  return [input, slider];
}

// Returns the input of a list, which is typed as in JSON, without the outer brackets.
function listInput(id, value, set) {
  const input = element("input", {id, type: "text", class: "wide", spellcheck: "false", autocomplete: "off",
    value: Array.isArray(value) ? JSON.stringify(value).slice(1, -1).replaceAll(",", ", ") : ""});
  input.addEventListener("input", () => {
    try {
      set(JSON.parse(`[${input.value}]`));
    } catch {
      set(input.value);  // not a list, which check reports
    }
  });
  return [input];
}

// Returns the form of one field.
function fieldForm(schedule, name, field, id) {
  const set = value => {
    if (value === undefined) delete schedule[name]; else schedule[name] = value;
    changed();
  };
  if (field.type === "schedule") {
    return element("div", {class: "inside"}, element("span", {class: "name"}, name),
      scheduleForm(schedule[name], id, value => { schedule[name] = value; rebuilt(); }));
  }
  if (field.items?.type === "schedule") {
    const list = schedule[name], result = element("div", {class: "inside"});
    const starts = name === "parts" && Array.isArray(schedule.boundaries) ? schedule.boundaries : [];
    list.forEach((item, i) => {
      const remove = button("Remove", `Remove ${id} ${i + 1}`, () => {
        list.splice(i, 1);
        starts.splice(Math.max(0, i - 1), 1);
        rebuilt();
      });
      remove.disabled = list.length === 1;
      result.append(element("span", {class: "name"}, `${name} ${i + 1} `, remove),
        scheduleForm(item, `${id}.${i}`, value => { list[i] = value; rebuilt(); }));
    });
    result.append(button("Add", `Add to ${id}`, () => {
      list.push(copy(list[list.length - 1]));
      if (name === "parts") starts.push((starts[starts.length - 1] ?? 0) + 20);
      rebuilt();
    }));
    return result;
  }
  const inputs = field.type === "array" ? listInput(id, schedule[name], set)
    : field.enum ? [choice(id, field.enum, schedule[name], value => set(field.enum.find(one => String(one) === value)))]
      : numbers(id, field, schedule[name], set);
  return element("div", {class: "field"}, element("label", {for: id}, name), ...inputs);
}

// Returns the form of a schedule. replace: a function that puts another schedule in its place.
function scheduleForm(schedule, id, replace) {
  const {about, text, fields} = DOCUMENT.kinds[schedule.kind], inner = holders(schedule.kind).flatMap(
    name => schedule[name]);
  const kind = choice(`${id}.kind`, Object.keys(DOCUMENT.kinds), schedule.kind,
    value => replace(changeKind(schedule, value)));
  const outer = choice(`${id}.wrap`, Object.keys(DOCUMENT.kinds).filter(name => holders(name).length), "",
    value => replace(wrap(schedule, value)), "Put into …");
  outer.setAttribute("aria-label", "Put into another schedule");
  const head = element("div", {class: "field"}, element("label", {for: `${id}.kind`}, "kind"), kind, outer);
  if (inner.length) {
    head.append(button("Take out", `Take the schedule out of ${schedule.kind}`, () => replace(inner[0])));
  }
  return element("fieldset", {}, element("legend", {}, schedule.kind), head, element("p", {class: "kind"}, about),
    ...Object.entries(fields).map(([name, field]) => fieldForm(schedule, name, field, `${id}.${name}`)),
    element("details", {}, element("summary", {}, "Formula and fields"), element("pre", {}, text)));
}
