import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tryLockExclusive } from "../../../adapters/linux/flock.ts";

let directory: string;
let handles: FileHandle[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-flock-"));
  handles = [];
});

afterEach(async () => {
  for (const handle of handles) await handle.close();
  rmSync(directory, { recursive: true });
});

async function openLockFile(): Promise<FileHandle> {
  const handle = await open(join(directory, "lock"), "a");
  handles.push(handle);
  return handle;
}

test("tryLockExclusive: true for the first, false for a second description while the first is open", async () => {
  const first = await openLockFile();
  const second = await openLockFile();
  expect(tryLockExclusive(first.fd)).toBe(true);
  expect(tryLockExclusive(second.fd)).toBe(false);
  expect(tryLockExclusive(first.fd)).toBe(true);
});

test("tryLockExclusive: true for the second once the first is closed", async () => {
  const first = await openLockFile();
  const second = await openLockFile();
  expect(tryLockExclusive(first.fd)).toBe(true);
  await first.close();
  expect(tryLockExclusive(second.fd)).toBe(true);
});

test("tryLockExclusive: throws the errno by name for what is no open file", () => {
  expect(() => tryLockExclusive(-1)).toThrow(expect.objectContaining({ code: "EBADF", syscall: "flock" }));
});
