import type { Command } from "./contestant.ts";

/** A program of ours on a store of its own. */
export function imgstoreProcess(store: string, ...args: string[]): Command {
  // Node 20 reads these certificates at every start, which takes longer than the rest of it
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return {
    file: process.execPath,
    args,
    env: { ...env, IMGSTORE_ROOT: store, IMGSTORE_DB: "", IMGSTORE_SERVER: "" },
  };
}
