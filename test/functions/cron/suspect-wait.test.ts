import { describe, expect, test } from "vitest";
import type { DueRow } from "../../../core/ports/image-rows.ts";
import { SuspectWait } from "../../../functions/cron/suspect-wait.ts";

const row = (isSuspect: boolean): DueRow => ({ id: 1, name: "a", state: "NEW", target: "ACTIVE", isSuspect });
const [suspect, other] = [row(true), row(false)];

describe("a suspect", () => {
  test("begins alone, and nothing beside it until it has ended", () => {
    const wait = new SuspectWait(1000);
    wait.look(true, 0);
    expect([wait.mayStart(suspect, 1), wait.mayStart(other, 1), wait.mayStart(suspect, 0)]).toEqual([
      false,
      true,
      true,
    ]);
    wait.begin();
    expect([wait.mayStart(other, 1), wait.mayStart(suspect, 1)]).toEqual([false, false]);
    wait.end();
    expect(wait.mayStart(other, 0)).toBe(true);
  });

  test("that has waited for a lease lets no others begin, and after two begins beside those that still go on", () => {
    const wait = new SuspectWait(1000);
    wait.look(true, 5000);
    wait.look(true, 5999);
    expect([wait.mayStart(suspect, 1), wait.mayStart(other, 1)]).toEqual([false, true]);
    wait.look(true, 6000);
    expect([wait.mayStart(suspect, 1), wait.mayStart(other, 1)]).toEqual([false, false]);
    wait.look(true, 7000);
    expect(wait.mayStart(suspect, 1)).toBe(true);
    wait.begin();
    wait.end();
    wait.look(true, 7001);
    expect([wait.mayStart(suspect, 1), wait.mayStart(other, 1)]).toEqual([false, true]);
  });

  test("that somebody else has taken keeps nobody waiting", () => {
    const wait = new SuspectWait(1000);
    wait.look(true, 0);
    wait.look(true, 1500);
    wait.look(false, 1501);
    expect(wait.mayStart(other, 1)).toBe(true);
    wait.look(true, 1600);
    expect(wait.mayStart(other, 1)).toBe(true);
  });
});
