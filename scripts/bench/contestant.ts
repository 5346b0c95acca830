/** One way of doing what a benchmark measures. */
export interface Contestant {
  readonly name: string;
  /** `floor`: no way of doing it, but a part of it that nobody gets around; never compared. */
  readonly role: "ours" | "theirs" | "floor";
  /** Commands it cannot do without, with the Debian packages they come in; it is skipped where one is missing. */
  readonly needs: Readonly<Record<string, string>>;
  /** What is there before the clock starts. */
  readonly prepare?: (disk: string) => void;
  /** What is measured. @param disk a directory on a file system that was never written to */
  readonly command: (disk: string) => Command;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Reports how long the `sync` at the end of a shell's work took, as `measure` wants to read it. */
export const TIMED_SYNC = `timed_sync() {
  local before=$EPOCHREALTIME
  sync --file-system "$1"
  local after=$EPOCHREALTIME
  echo "sync-us $((\${after/[.,]/} - \${before/[.,]/}))"
}`;

/** A shell's work: it fails where any part of it does. @param args `$1` and on */
export function shell(script: string, ...args: string[]): Command {
  return { file: "bash", args: ["-c", `set -euo pipefail\n${TIMED_SYNC}\n${script}`, "bash", ...args] };
}
