import { STATES } from "../../core/lifecycle/image.ts";
import type { Flag, Flags } from "./flags.ts";
import type { Invocation } from "./invocation.ts";

/** A command of the program; help, parsing, suggestions and dispatch are read from the table of these. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for the help; lower case, no final period. */
  readonly summary: string;
  /** What the one line does not say. */
  readonly details?: string;
  readonly positionals: readonly Positional[];
  /** Beside those that every command takes; one that a setting's flag is named like takes its place. */
  readonly flags: Flags;
  /** Flags of settings that its help shows, too. */
  readonly settings?: readonly string[];
  /** It speaks of this machine and process: `--server` does not apply. */
  readonly isLocal?: true;
  readonly load: () => Promise<CommandModule>;
}

export interface Positional {
  readonly name: string;
  readonly isOptional?: true;
  readonly summary: string;
}

export interface CommandModule {
  /** Runs the command; the promise's value is the exit status. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

const NAME: Positional = { name: "NAME", summary: "the image's name" };
const WAITING: Flags = {
  wait: { kind: "switch", isNegatable: true, summary: "wait until the target is reached (default)" },
  timeout: { kind: "value", takes: "S", must: { be: "seconds" }, summary: "stop waiting after S seconds (exit 5)" },
};
const CONCURRENCY: Flag = { kind: "value", takes: "N", must: { be: "count" }, summary: "images at once (default 4)" };
const STATES_IN_FLAGS = STATES.map((state) => state.toLowerCase());

/** THE table of commands, in the help's order. */
export const COMMANDS: readonly Command[] = [
  {
    name: "fetch",
    summary: "register an image and drive it to its target",
    details: "Of an image that FAILED it is a retry. Safe beside workers and beside another fetch of the same image.",
    positionals: [
      NAME,
      { name: "SOURCE", summary: "http(s):// URL or path of a tar, docker-archive:PATH[:TAG], oci-archive:PATH[:TAG]" },
      { name: "SHA256", isOptional: true, summary: "of the stored bytes; optional for local files only" },
    ],
    flags: {
      target: {
        kind: "value",
        takes: "stored|active",
        must: { beOneOf: ["stored", "active"] },
        summary: "where to drive it (default active)",
      },
      ...WAITING,
      replace: { kind: "switch", summary: "if the name has another source: remove that image first" },
      retry: {
        kind: "switch",
        isNegatable: true,
        summary: "retry an image that FAILED (default); --no-retry reports it",
      },
      "mount-options": {
        kind: "value",
        takes: "LIST",
        summary: "of nodev, nosuid, noexec, ro (default nodev,nosuid)",
      },
    },
    load: (): Promise<CommandModule> => import("./commands/fetch.ts"),
  },
  {
    name: "status",
    summary: "one image in full, or all as a table",
    positionals: [{ ...NAME, isOptional: true }],
    flags: { watch: { kind: "switch", summary: "follow the changes until stopped" } },
    load: (): Promise<CommandModule> => import("./commands/status.ts"),
  },
  {
    name: "list",
    aliases: ["ls"],
    summary: "all images as a table",
    positionals: [],
    flags: {
      state: { kind: "value", takes: "S", must: { beOneOf: STATES_IN_FLAGS }, summary: "only those in state S" },
      node: { kind: "value", takes: "N", summary: 'those of node N (default this one; "*" for all)' },
    },
    load: (): Promise<CommandModule> => import("./commands/list.ts"),
  },
  {
    name: "history",
    summary: "every transition and every attempt of an image",
    positionals: [NAME],
    flags: { all: { kind: "switch", summary: "also of earlier images of that name" } },
    load: (): Promise<CommandModule> => import("./commands/history.ts"),
  },
  {
    name: "activate",
    summary: "mount an image",
    positionals: [NAME],
    flags: { ...WAITING, fresh: { kind: "switch", summary: "drop what was written into it before" } },
    load: (): Promise<CommandModule> => import("./commands/activate.ts"),
  },
  {
    name: "deactivate",
    summary: "unmount an image; what was written into it stays",
    positionals: [NAME],
    flags: { ...WAITING, force: { kind: "switch", summary: "detach it lazily where it is in use" } },
    load: (): Promise<CommandModule> => import("./commands/deactivate.ts"),
  },
  {
    name: "remove",
    aliases: ["rm"],
    summary: "unmount and remove an image, with what was written into it",
    positionals: [NAME],
    flags: { ...WAITING, force: { kind: "switch", summary: "detach it lazily where it is in use" } },
    load: (): Promise<CommandModule> => import("./commands/remove.ts"),
  },
  {
    name: "retry",
    summary: "send an image that FAILED back to NEW and drive it to its target",
    positionals: [NAME],
    flags: WAITING,
    load: (): Promise<CommandModule> => import("./commands/retry.ts"),
  },
  {
    name: "path",
    summary: "print the mount point of an ACTIVE image",
    positionals: [NAME],
    flags: {},
    load: (): Promise<CommandModule> => import("./commands/path.ts"),
  },
  {
    name: "worker",
    summary: "make whatever transition is due, until stopped",
    positionals: [],
    flags: {
      once: { kind: "switch", summary: "until nothing is due now, then exit 0" },
      concurrency: CONCURRENCY,
    },
    settings: ["log", "lease-ms"],
    load: (): Promise<CommandModule> => import("./commands/worker.ts"),
  },
  {
    name: "sweep",
    summary: "at most one transition for each image that is due, for cron",
    positionals: [],
    flags: { concurrency: CONCURRENCY },
    load: (): Promise<CommandModule> => import("./commands/sweep.ts"),
  },
  {
    name: "serve",
    summary: "serve the HTTP functions",
    positionals: [],
    flags: {
      worker: { kind: "switch", summary: "also make whatever transition is due: the daemon" },
      concurrency: CONCURRENCY,
    },
    settings: ["listen", "token", "request-budget-s", "log"],
    isLocal: true,
    load: (): Promise<CommandModule> => import("./commands/serve.ts"),
  },
  {
    name: "gc",
    summary: "remove what no image refers to",
    positionals: [],
    flags: {
      "dry-run": { kind: "switch", summary: "only say what would be removed" },
      blobs: { kind: "switch", summary: "also tarballs that are only kept for repair" },
    },
    load: (): Promise<CommandModule> => import("./commands/gc.ts"),
  },
  {
    name: "verify",
    summary: "read every blob again, and compare every tree with its archive",
    positionals: [{ name: "NAME", isOptional: true, summary: "only this image" }],
    flags: { repair: { kind: "switch", summary: "send images with damage back, to be fetched again" } },
    load: (): Promise<CommandModule> => import("./commands/verify.ts"),
  },
  {
    name: "doctor",
    summary: "what this machine can do, and what would make it better",
    positionals: [],
    flags: {},
    settings: ["driver"],
    isLocal: true,
    load: (): Promise<CommandModule> => import("./commands/doctor.ts"),
  },
  {
    name: "help",
    summary: "what a command does and takes; `imgstore help settings` for all settings",
    positionals: [{ name: "COMMAND", isOptional: true, summary: "a command, or settings" }],
    flags: {},
    load: (): Promise<CommandModule> => import("./commands/help.ts"),
  },
];

export function findCommand(word: string): Command | undefined {
  return COMMANDS.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
}

/** Every word that names a command. */
export function commandWords(): string[] {
  return COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
}
