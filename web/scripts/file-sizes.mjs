// A source file has one subject: more than 400 lines are two.
import { readdirSync, readFileSync } from "node:fs";

const LIMIT = 400;
const sources = readdirSync("packages", { recursive: true })
  .map((name) => `packages/${name}`)
  .filter((name) => /\/(src|test)\/.*\.tsx?$/.test(name) && !/node_modules|generated|\.test\.tsx?$/.test(name));
const long = sources
  .map((name) => ({ name, lines: readFileSync(name, "utf8").split("\n").length }))
  .filter(({ lines }) => lines > LIMIT);
for (const { name, lines } of long) console.error(`${name}: ${lines} lines, at most ${LIMIT}`);
process.exit(long.length === 0 ? 0 : 1);
