// The README's state diagram from the table: `npm run diagram` writes it, with --check it only says whether it is there.
import { readFileSync, writeFileSync } from "node:fs";
import { packageRoot } from "../adapters/package-files.ts";
import { withDiagram } from "./readme-diagram.ts";

const readme = `${packageRoot}README.md`;
const page = readFileSync(readme, "utf8");
const wanted = withDiagram(page);

if (page === wanted) {
  console.log("README.md shows the lifecycle's table as it is");
} else if (process.argv.includes("--check")) {
  console.error("README.md shows another lifecycle than core/lifecycle/image.ts: run npm run diagram");
  process.exitCode = 1;
} else {
  writeFileSync(readme, wanted);
  console.log("README.md: wrote the lifecycle's diagram");
}
