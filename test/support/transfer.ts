import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { packageRoot } from "../../adapters/package-files.ts";

/** What a transfer says of itself. */
export interface TransferStep {
  readonly step: "held" | "bytes" | "appended" | "published" | "failed" | "ended";
  readonly sizeBytes?: number;
  readonly code?: string;
  readonly message?: string;
  /** How much its memory grew at its highest. */
  readonly grownBytes?: number;
}

/** A transfer in a process of its own (needs `dist/`). */
export interface Transfer {
  readonly steps: readonly TransferStep[];
  /** Resolves at the first step that is so; rejects when the process ends without one. One wait at a time. */
  until(isSo: (step: TransferStep) => boolean): Promise<TransferStep>;
  /** Lets one that was started with `ask` publish. */
  publish(): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
}

export interface TransferOptions {
  readonly root: string;
  readonly source: string;
  readonly digest: string;
  readonly attempt: string;
  /** Wait before publishing. */
  readonly isAsking?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export function startTransfer({
  root,
  source,
  digest,
  attempt,
  isAsking = false,
  env = {},
}: TransferOptions): Transfer {
  const script = `${packageRoot}test/support/transfer-child.mjs`;
  const child = spawn(process.execPath, [script, root, source, digest, attempt, ...(isAsking ? ["--ask"] : [])], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const steps: TransferStep[] = [];
  let wake: (() => void) | null = null;
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => {
    steps.push(JSON.parse(line) as TransferStep);
    wake?.();
  });
  lines.on("close", () => wake?.());
  return {
    steps,
    async until(isSo) {
      for (;;) {
        const found = steps.find(isSo);
        if (found !== undefined) return found;
        if (hasEnded(child)) throw new Error(`the transfer ended: ${JSON.stringify(steps.slice(-3))}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    publish: () => child.stdin.write("\n"),
    signal: (signal) => child.kill(signal),
    ended: once(child, "close").then(() => undefined),
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
