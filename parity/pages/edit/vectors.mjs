// Computes every vector in JavaScript: node parity/pages/edit/vectors.mjs [FILE.json ...]
//
// Each rate must be equal in its 32 bits, or be float32(x) for an x within 8 * 2^-53 of the largest rate up to there.
// A schedule with a sum, product, minimum or maximum inside has another tolerance in the contract; here it has none.
// Exit code 0: every rate is inside. 4: some are not, or there are none. 2: a file cannot be read.
import {readdirSync, readFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {bitsOf, build} from "./node.mjs";

const FOLDER = fileURLToPath(new URL("../../vectors/", import.meta.url));
const EDGE = 8 * 2 ** -53, SMALLEST_NORMAL = 2 ** -126;
const COMBINED = /"kind":"(sum|product|minimum|maximum|cyclic)"/;  // a cyclic may be composed of a sum

// Returns whether the rates' float32 numbers are equal, or within the tolerance of the specified rate.
function compare(rate, specified, bits, tolerance) {
  if (bitsOf(rate) === bits) return "equal";
  const low = Math.fround(specified - tolerance), high = Math.fround(specified + tolerance);
  const applied = Math.fround(rate);
  if (specified > 0 && specified < SMALLEST_NORMAL && applied >= 0 && applied <= SMALLEST_NORMAL) return "outside";
  return low <= applied && applied <= high ? "tolerated" : "differs";
}

// Counts the rates of one vector, and prints the first one that differs.
function run(vector, name, counts) {
  const {lr} = build(vector.schedule), combined = COMBINED.test(JSON.stringify(vector.schedule));
  let largest = 0, said = false;
  const updates = [...vector.lr.keys(), ...vector.far.t];
  const rates = [...vector.lr, ...vector.far.lr], bits = [...vector.bits, ...vector.far.bits];
  updates.forEach((t, i) => {
    largest = Math.max(largest, rates[i]);
    const result = compare(lr(t), rates[i], bits[i], combined ? 0 : EDGE * largest);
    counts[result]++;
    if (result === "differs" && !said) {
      said = true;
      console.log(`${name} ${vector.id} ${vector.name}: t = ${t}: ${lr(t)} (${bitsOf(lr(t))}), ` +
        `specified ${rates[i]} (${bits[i]})`);
    }
  });
}

const files = process.argv.length > 2 ? process.argv.slice(2)
  : readdirSync(FOLDER).filter(name => name.endsWith(".json")).map(name => FOLDER + name);
const counts = {equal: 0, tolerated: 0, outside: 0, differs: 0};
let vectors = 0;
for (const file of files) {
  let document;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
    if (document.format !== 1) throw new Error(`format ${document.format}, expected 1`);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    process.exit(2);
  }
  for (const vector of document.vectors) run(vector, file.split("/").pop(), counts);
  vectors += document.vectors.length;
}
const rates = Object.values(counts).reduce((a, b) => a + b);
console.log(`${vectors} vectors, ${rates} rates: ${counts.equal} equal, ${counts.tolerated} within the tolerance, ` +
  `${counts.outside} below the smallest normal float32, ${counts.differs} differ`);
process.exitCode = counts.differs || !rates ? 4 : 0;
