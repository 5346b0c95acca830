#!/usr/bin/env node
import { asImgstoreError } from "../../core/errors.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import { run } from "./run.ts";

// a reader that went away (`imgstore list | head -1`) is no failure
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.on("uncaughtException", (thrown) => {
  const error = asImgstoreError(thrown);
  reportError(error, process.env["IMGSTORE_LOG"] === "debug");
  process.exit(exitCodeOf(error.code));
});

// Not process.exit: piped output is written after this. Not awaited: the bundle is CommonJS.
void run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
