// Loads the page's scripts into node: they are plain scripts, since a page that is opened from disk cannot import.
import {readFileSync} from "node:fs";
import vm from "node:vm";

const text = ["schedule.js", "composed.js"].map(
  name => readFileSync(new URL(name, import.meta.url), "utf8")).join("\n");

export const {KINDS, COMPOSED, build, bitsOf} = vm.runInThisContext(
  `(() => {${text}\nreturn {KINDS, COMPOSED, build, bitsOf};})()`);
