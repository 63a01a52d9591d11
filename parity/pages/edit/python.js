"use strict";
// Reads an expression of Python as `port` does: numbers, text, lists, dicts, calls, names, and arithmetic. Runs nothing.
//
// A whole number is a BigInt here and a float is a number, since a class may accept one and refuse the other. A name is
// {name}, a call {call, given, named, text}, a dict a Map. Other expressions are refused, so that Python may read them.

class Refusal extends Error {}
const refuse = text => { throw new Refusal(text); };

// Returns a float as Python prints it: 1e-05, 0.1, 3.0, 1e+16.
function floatText(value) {
  const [digits, power] = value.toExponential().split("e"), size = Number(power);
  if (value !== 0 && (size < -4 || size >= 16)) {
    return `${digits}e${size < 0 ? "-" : "+"}${String(Math.abs(size)).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

// Returns a value as Python prints it.
function valueText(value) {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "string") return `'${value}'`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null) return "None";
  if (value instanceof Map) return "a dict";
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  return value.text ?? value.name;
}

// Returns a float to the power of a whole number, correctly rounded: Math.pow is off by some units of the last digit.
function wholePower(base, n) {
  if (!n || base === 0 || !Number.isFinite(base)) return n ? base : 1;
  let size = Math.floor(Math.log2(Math.abs(base))) - 53;
  while (!Number.isInteger(base / 2 ** size)) size--;
  const all = BigInt(base / 2 ** size) ** BigInt(n), cut = BigInt(Math.max(0, 4 * all.toString(16).length - 72));
  const top = all >> cut, rest = top << cut === all ? 0n : 1n;
  const power = size * n + Number(cut) - 1, half = Math.trunc(power / 2);  // 2 ** power may be 0 where the result is not
  return Number((top << 1n) + rest) * 2 ** half * 2 ** (power - half);
}

const WORDS = new Map([["True", true], ["False", false], ["None", null]]);
const KEYWORDS = new Set(("and as assert async await break class continue def del elif else except finally for from " +
  "global if import in is lambda nonlocal not or pass raise return try while with yield").split(" "));
// Backquotes around a text, or a fence of Markdown with the name of a language; and lines of comments before a text.
const FENCE = /^(`{1,9}|~{3,9})(?:[^\n`()]*\n)?(.*)\1$/s, COMMENTS = /^(?:#[^\n]*\n[ \t\f\r\n]*)+/;
const isNumber = value => typeof value === "bigint" || typeof value === "number";
const DIGITS = "\\d(?:_?\\d)*", POWER = "(?:[eE][+-]?\\d(?:_?\\d)*)";
const TOKEN = new RegExp(["(?<space>(?:[ \\t\\f\\r\\n]|#[^\\n]*)+)",
  `(?<float>${DIGITS}\\.(?:${DIGITS})?${POWER}?|\\.${DIGITS}${POWER}?|${DIGITS}${POWER})(?![\\w.])`,
  `(?<whole>${DIGITS})(?![\\w.])`, "(?<name>[A-Za-z_]\\w*)(?![\\w'\"])",
  "(?<text>'[^'\\\\\\n]*'|\"[^\"\\\\\\n]*\")(?!['\"])", "(?<sign>\\*\\*|//|[-+*/%()\\[\\]{},=:.;])"].join("|"), "y");

// Returns the tokens of a text, each with its kind and place.
function tokens(text) {
  const result = [];
  TOKEN.lastIndex = 0;
  for (let start = 0, depth = 0; start < text.length; start = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (!match) refuse(`this page does not read ${valueText(text.slice(start, start + 12))}`);
    const [kind] = Object.entries(match.groups).find(([, part]) => part !== undefined), [part] = match;
    if (kind === "space" && !depth && part.includes("\n") && text.slice(TOKEN.lastIndex)) {
      refuse("must be one constructor: a line ends outside of brackets");
    }
    if (kind === "name" && KEYWORDS.has(part) && (part !== "return" || result.length)) refuse(`this page does not read '${part}'`);
    if (kind === "sign") depth += "([{".includes(part) - ")]}".includes(part);
    if (kind !== "space") result.push({kind, part, start, end: TOKEN.lastIndex});
  }
  return result;
}

// Returns what an operator gives for two numbers.
function compute(sign, left, right) {
  if (!isNumber(left) || !isNumber(right)) refuse(`this page reads ${sign} between numbers only`);
  const whole = typeof left === "bigint" && typeof right === "bigint", a = Number(left), b = Number(right);
  if (["/", "//", "%"].includes(sign) && b === 0) refuse("division by zero");
  const below = whole && right && left % right !== 0n && (left < 0n) !== (right < 0n);
  switch (sign) {
    case "+": return whole ? left + right : a + b;
    case "-": return whole ? left - right : a - b;
    case "*": return whole ? left * right : a * b;
    case "/": return !whole || Math.max(Math.abs(a), Math.abs(b)) <= 2 ** 53 ? a / b
      : refuse("this page reads / of whole numbers up to 2^53 only");
    case "//": return whole ? left / right - (below ? 1n : 0n) : refuse("this page reads // of whole numbers only");
    case "%": return whole ? left % right + (below ? right : 0n) : refuse("this page reads % of whole numbers only");
    default: return whole && right >= 0n && right < 100n ? left ** right
      : refuse("this page reads ** of whole numbers only");
  }
}

// Returns the value of an expression. Raises Refusal.
//
// copied: whether it may be copied from a script, as `port` reads it: assigned or returned, with comments, a comma or a
// semicolon after it, or in a fence of Markdown.
function readPython(text, copied = false) {
  if (text.length > 20_000) refuse("a constructor has at most 20,000 characters");
  text = text.trim();
  if (copied) text = text.replace(FENCE, "$2").trim().replace(COMMENTS, "");
  const all = tokens(text);
  let i = 0, depth = 0;
  const next = part => all[i]?.kind !== "text" && all[i]?.part === part && ++i > 0;
  const need = part => next(part) || refuse(all[i] ? `expected ${part} before ${valueText(all[i].part)}`
    : `the text ends where ${part} is expected`);
  const checked = value => typeof value === "number" && !Number.isFinite(value) || isNumber(value) &&
    Math.abs(Number(value)) > 2 ** 63 ? refuse("a number beyond 2^63") : value;
  const hasName = value => value !== null && typeof value === "object" && ("name" in value || "call" in value);

  function items(close, read) {
    const list = [];
    while (!next(close)) {
      list.push(read());
      if (!next(",")) { need(close); break; }
    }
    return list;
  }

  function atom() {
    if (++depth > 20) refuse("nested more than 20 deep");
    const token = all[i++] ?? refuse(all.length ? "the text ends too early" : "the text is empty");
    const {kind, part, start} = token;
    let value;
    if (kind === "whole") value = /^0_?\d/.test(part) ? refuse(`not a number: ${part}`) : checked(BigInt(part.replaceAll("_", "")));
    else if (kind === "float") value = checked(Number(part.replaceAll("_", "")));
    else if (kind === "text") value = part.slice(1, -1);
    else if (kind === "name" && WORDS.has(part)) value = WORDS.get(part);
    else if (kind === "name") value = {name: part};
    else if (part === "[") value = items("]", expression);
    else if (part === "(") {
      value = expression();
      if (!next(")")) { need(","); value = Object.assign([value, ...items(")", expression)], {tuple: true}); }
    } else if (part === "{") {
      value = new Map(items("}", () => {
        const key = expression();
        need(":");
        return [key, expression()];
      }));
    } else refuse(`this page does not read ${valueText(part)} here`);
    for (;;) {
      if (next(".")) {
        if (!value || typeof value !== "object" || !("name" in value) || all[i]?.kind !== "name") refuse("this page reads . after names only");
        value = {name: `${value.name}.${all[i++].part}`};
      } else if (next("(")) {
        if (!value || typeof value !== "object" || !("name" in value)) refuse("must be the name of a class");
        const call = {call: value.name.split(".").pop(), full: value.name, given: [], named: Object.create(null)};
        items(")", () => {
          if (all[i]?.kind === "name" && all[i + 1]?.part === "=") {
            const name = all[i].part;
            i += 2;
            if (Object.hasOwn(call.named, name)) refuse(`${call.call}: ${name} is given more than once`);
            call.named[name] = expression();
          } else if (Object.keys(call.named).length) refuse("an argument without a name follows one with a name");
          else call.given.push(expression());
        });
        value = {...call, text: text.slice(start, all[i - 1].end)};
      } else break;
    }
    depth--;
    return value;
  }

  const unknown = (start, ...values) => values.some(hasName) && {name: text.slice(all[start].start, all[i - 1].end)};

  function power() {
    const start = i, left = atom();
    if (!next("**")) return left;
    const right = signed();
    return unknown(start, left, right) || checked(compute("**", left, right));
  }

  function signed() {
    const start = i, sign = next("-") ? "-" : next("+") ? "+" : "";
    if (!sign) return power();
    if (++depth > 20) refuse("nested more than 20 deep");
    const value = signed();
    depth--;
    return unknown(start, value) || (isNumber(value) ? sign === "-" ? -value : value : refuse("a sign needs a number"));
  }

  function chain(signs, read) {
    const start = i;
    let left = read();
    for (let sign; (sign = signs.find(next));) {
      const right = read();
      left = unknown(start, left, right) || checked(compute(sign, left, right));
    }
    return left;
  }

  function expression() { return chain(["+", "-"], () => chain(["*", "/", "//", "%"], signed)); }

  // Moves past "return", or past the targets of an assignment: names, of which a single one may have a type.
  function skipTargets() {
    const sign = part => all[place]?.part === part && ++place > 0;
    let place = i;
    const name = () => {
      if (all[place]?.kind !== "name") return false;
      for (place++; all[place]?.part === "." && all[place + 1]?.kind === "name"; place += 2);
      return !all.slice(i, place).some(token => WORDS.has(token.part));
    };
    if (next("return") || !name()) return;
    if (sign(":")) return name() && sign("=") && (i = place);
    while (sign("=")) {
      i = place;
      if (!name()) return;
    }
  }

  if (copied) skipTargets();
  let value = expression();
  if (copied && next(",")) value = Object.assign([value], {tuple: true});
  if (copied) next(";");
  if (copied && value?.tuple && value.length === 1) [value] = value;  // a comma was copied too
  if (i < all.length) refuse(`this page does not read ${valueText(all[i].part)} after ${valueText(text.slice(0, all[i].start).trim().slice(-20))}`);
  return value;
}
