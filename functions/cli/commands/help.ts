import { findCommand } from "../commands.ts";
import { DONE } from "../exit-codes.ts";
import { printHelp, settingsHelp } from "../help.ts";
import type { Invocation } from "../invocation.ts";
import { unknownCommand } from "../parse.ts";
import { printLines } from "../terminal/output.ts";

/** Prints the help of the program, of a command, or of the settings. */
export async function run(invocation: Invocation): Promise<number> {
  const word = invocation.optionalArgument("COMMAND");
  if (word === undefined) return printHelp(null);
  if (word !== "settings") {
    const command = findCommand(word);
    if (command === undefined) throw unknownCommand(word);
    return printHelp(command);
  }
  printLines(settingsHelp());
  return DONE;
}
