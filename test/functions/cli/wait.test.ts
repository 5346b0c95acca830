import { EventEmitter, once } from "node:events";
import { describe, expect, test } from "vitest";
import { ABORTED, pause, untilAborted } from "../../../functions/cli/wait.ts";

const FOREVER_MS = 2 ** 31 - 1;

describe("untilAborted", () => {
  test("gives the work's result, and its failure", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  });

  test("gives ABORTED when the signal fires first, and does not mind how the work ends", async () => {
    const controller = new AbortController();
    const work = new EventEmitter();
    const failure = once(work, "done");
    const result = untilAborted(failure, controller.signal);
    controller.abort();
    expect(await result).toBe(ABORTED);
    work.emit("error", new Error("nobody listens"));
    await expect(failure).rejects.toThrow("nobody listens");
  });

  test("gives ABORTED when the signal has fired before", async () => {
    expect(await untilAborted(new Promise(() => {}), AbortSignal.abort())).toBe(ABORTED);
  });
});

test("pause ends at once when the signal fires", async () => {
  const controller = new AbortController();
  const paused = pause(FOREVER_MS, controller.signal);
  controller.abort();
  await paused;
});
