import { afterEach, beforeEach, vi } from "vitest";
import { Unpacking } from "./unpacking.ts";

/** A store of its own for each test of the file; gone after it, whatever came of it. */
export function useUnpacking(): () => Unpacking {
  // on a busy machine every thread and every sync takes its time
  vi.setConfig({ testTimeout: 60_000 });
  let unpacking: Unpacking | null = null;
  beforeEach(() => {
    unpacking = new Unpacking();
  });
  afterEach(() => unpacking?.remove());
  return () => {
    if (unpacking === null) throw new Error("only within a test");
    return unpacking;
  };
}
