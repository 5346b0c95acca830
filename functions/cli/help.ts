import { COMMANDS, type Command, type Positional } from "./commands.ts";
import { DONE } from "./exit-codes.ts";
import { COMMON_FLAGS, type Flag, type Flags, SETTING_FLAGS } from "./flags.ts";
import { printLines } from "./terminal/output.ts";

/** Prints the help of one command, or of the program. */
export function printHelp(command: Command | null): number {
  printLines(command === null ? programHelp() : commandHelp(command));
  return DONE;
}

/** The commands, and what all of them take. */
export function programHelp(): string[] {
  return [
    "imgstore COMMAND …: fetch, verify, unpack and mount container root file systems",
    "",
    ...columns(COMMANDS.map((command) => [synopsis(command), withAliases(command)])),
    "",
    "Every command takes",
    ...columns(flagRows(COMMON_FLAGS)),
    "and a flag for each setting: `imgstore help settings`.",
    "",
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such image, 4 conflict, 5 timed out and still in progress,",
    "6 this machine (or the server) cannot do it.",
  ];
}

/** What a command does, what it takes, and the settings that matter to it. */
export function commandHelp(command: Command): string[] {
  const settings = Object.entries(SETTING_FLAGS).filter(([name]) => command.settings?.includes(name));
  const common = Object.entries(COMMON_FLAGS).filter(([name]) => !(command.isLocal && name === "server"));
  return [
    `imgstore ${synopsis(command)}: ${withAliases(command)}`,
    ...(command.details === undefined ? [] : [command.details]),
    "",
    ...columns([
      ...command.positionals.map(({ name, summary }) => [name, summary] as const),
      ...flagRows({ ...command.flags, ...Object.fromEntries(settings) }),
      ...flagRows(Object.fromEntries(common)),
    ]),
    "",
    "More settings: `imgstore help settings`.",
  ];
}

/** Every setting: its flag, its variable, what it is for. */
export function settingsHelp(): string[] {
  const settings = Object.entries({ ...COMMON_FLAGS, ...SETTING_FLAGS }).filter(([, flag]) => flag.setting);
  return [
    "Settings, as flags of every command and as variables of the environment; the flag wins.",
    "",
    ...columns(settings.map(([name, flag]) => [spelling(name, flag), `${flag.setting ?? ""}: ${flag.summary}`])),
  ];
}

function synopsis({ name, positionals }: Command): string {
  return [name, ...positionals.map(spelledPositional)].join(" ");
}

function spelledPositional({ name, isOptional }: Positional): string {
  return isOptional ? `[${name}]` : name;
}

function withAliases({ summary, aliases }: Command): string {
  return aliases === undefined ? summary : `${summary} (also: ${aliases.join(", ")})`;
}

type Row = readonly [string, string];

function flagRows(flags: Flags): Row[] {
  return Object.entries(flags).map(([name, flag]) => [
    spelling(name, flag),
    flag.setting === undefined ? flag.summary : `${flag.summary} [${flag.setting}]`,
  ]);
}

function spelling(name: string, flag: Flag): string {
  if (flag.kind === "value") return `--${name} ${flag.takes}`;
  return flag.isNegatable ? `--[no-]${name}` : `--${name}`;
}

function columns(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
