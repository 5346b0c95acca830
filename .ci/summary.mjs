// Prints the closing line from vitest's JSON report; exits with 1 unless tests ran, all passed and none was skipped.
import { readFileSync } from "node:fs";

const results = readResults(process.argv[2]);
const tests = results.flatMap((file) => file.assertionResults);
const passed = tests.filter((test) => test.status === "passed");
const failed = tests.filter((test) => test.status === "failed");
const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
// a file that cannot be loaded, or a hook that throws, fails without a test of its own
const brokenFiles = results.filter(
  (file) => file.status !== "passed" && !file.assertionResults.some((test) => test.status === "failed"),
);

for (const file of brokenFiles) console.log(`broken: ${file.name}: ${file.message}`);
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
console.log(`${passed.length} passed, ${failed.length + brokenFiles.length} failed, ${skipped.length} skipped`);
if (passed.length === 0 || failed.length + brokenFiles.length + skipped.length > 0) process.exitCode = 1;

function readResults(path) {
  const text = readFileSync(path, "utf8");
  return text === "" ? [] : JSON.parse(text).testResults;
}
