import { asImgstoreError } from "../../core/errors.ts";
import { DONE, exitCodeOf } from "./exit-codes.ts";
import { parseCommandLine, type Request } from "./parse.ts";
import { reportError } from "./report-error.ts";

/**
 * Runs a command line and returns the exit status; whatever goes wrong has been reported on stderr then.
 * @param args without the program's own two words
 */
export async function run(args: readonly string[]): Promise<number> {
  let log = process.env["IMGSTORE_LOG"];
  try {
    const request = parseCommandLine(args);
    if (request.kind === "run") log = request.invocation.overrides["IMGSTORE_LOG"] ?? log;
    return await answer(request);
  } catch (thrown) {
    const error = asImgstoreError(thrown);
    reportError(error, log === "debug");
    return exitCodeOf(error.code);
  }
}

async function answer(request: Request): Promise<number> {
  switch (request.kind) {
    case "run": {
      const { run: runCommand } = await request.invocation.command.load();
      return runCommand(request.invocation);
    }
    case "help": {
      const { printHelp } = await import("./help.ts");
      return printHelp(request.command);
    }
    case "version": {
      const { printVersion } = await import("./version.ts");
      printVersion();
      return DONE;
    }
  }
}
