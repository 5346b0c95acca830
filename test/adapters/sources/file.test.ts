import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { moduleFile } from "../../../adapters/package-files.ts";
import { createSources } from "../../../adapters/sources/sources.ts";
import { openText, readAll } from "../../support/fetched.ts";

const object = randomBytes(700_000);
const sources = createSources({ minBytesPerSecond: 1 });
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "imgstore-file-"));
  path = join(directory, "image.tar");
  writeFileSync(path, object);
});
afterEach(() => rmSync(directory, { recursive: true }));

const fails = (code: string, message: RegExp): unknown =>
  expect.objectContaining({ name: "ImgstoreError", code, message: expect.stringMatching(message) });

test("open file: gives the file's bytes, size and validator, by path and by URL", async () => {
  for (const source of [path, `file://${path}`]) {
    const opened = await openText(sources, source);
    expect(opened).toMatchObject({ offset: 0, totalBytes: object.length, validator: expect.stringMatching(/^file:/) });
    expect((await readAll(opened)).equals(object)).toBe(true);
  }
});

test("open file: goes on from an offset of the same file", async () => {
  const { validator } = await openText(sources, path);
  const opened = await openText(sources, path, { offset: 300_000, validator });
  expect(opened.offset).toBe(300_000);
  expect((await readAll(opened)).equals(object.subarray(300_000))).toBe(true);
});

test("open file: begins at 0 in a file that changed, or that is shorter than the offset", async () => {
  const { validator } = await openText(sources, path);
  utimesSync(path, 1, 1);
  expect(await openText(sources, path, { offset: 300_000, validator })).toMatchObject({ offset: 0 });
  expect(await openText(sources, path, { offset: object.length + 1 })).toMatchObject({ offset: 0 });
});

test("open file: an empty file has no bytes", async () => {
  writeFileSync(path, "");
  const opened = await openText(sources, path);
  expect(opened.totalBytes).toBe(0);
  expect(await readAll(opened)).toHaveLength(0);
});

test.each([
  ["written to", () => appendFileSync(path, "more")],
  ["cut", () => writeFileSync(path, "short")],
  ["touched", () => utimesSync(path, 1, 1)],
])("open file: a file that is %s while it is read is SOURCE_CHANGED", async (_title, onFirst) => {
  const { body } = await openText(sources, path);
  const reading = (async () => {
    let change: (() => void) | null = onFirst;
    for await (const _ of body) {
      change?.();
      change = null;
    }
  })();
  await expect(reading).rejects.toEqual(fails("SOURCE_CHANGED", /changed while it was read/));
});

test("open file: a file that is replaced between opening and reading is SOURCE_CHANGED", async () => {
  const opened = await openText(sources, path);
  rmSync(path);
  writeFileSync(path, object);
  await expect(readAll(opened)).rejects.toEqual(fails("SOURCE_CHANGED", /changed/));
});

test("open file: what is not there is SOURCE_NOT_FOUND", async () => {
  await expect(openText(sources, join(directory, "none"))).rejects.toEqual(
    fails("SOURCE_NOT_FOUND", /^cannot read ".*\/none": there is no such file$/),
  );
  await expect(openText(sources, join(path, "none"))).rejects.toEqual(fails("SOURCE_NOT_FOUND", /not a directory/));
});

const at = (name: string): string => join(directory, name);

test("open file: a directory, a FIFO, a device and a circle of links are SOURCE_REFUSED, without waiting", async () => {
  mkdirSync(at("directory"));
  execFileSync("mkfifo", [at("fifo")]);
  symlinkSync(at("circle"), at("circle"));
  await expect(openText(sources, at("directory"))).rejects.toEqual(fails("SOURCE_REFUSED", /it is a directory/));
  await expect(openText(sources, at("fifo"))).rejects.toEqual(fails("SOURCE_REFUSED", /not a regular file/));
  await expect(openText(sources, "/dev/zero")).rejects.toEqual(fails("SOURCE_REFUSED", /not a regular file/));
  await expect(openText(sources, at("circle"))).rejects.toEqual(fails("SOURCE_REFUSED", /in a circle/));
});

test("open file: a file that this user may not read is SOURCE_FORBIDDEN", async () => {
  // Root may read everything: another user is asked in a process of its own.
  const script = `
    import { createSources } from "${moduleFile("adapters/sources/sources")}";
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const request = { offset: 0, validator: null, maxBytes: 1e9, signal: new AbortController().signal };
    await createSources({ minBytesPerSecond: 0 }).open({ kind: "file", path: "${path}" }, request)
      .then(() => console.log("opened"), ({ code }) => console.log(code));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(output.trim()).toBe("SOURCE_FORBIDDEN");
});

test("open file: a file beyond the limit is IMAGE_TOO_LARGE", async () => {
  await expect(openText(sources, path, { maxBytes: 699_999 })).rejects.toEqual(fails("IMAGE_TOO_LARGE", /700000/));
});

test("open file: a signal ends the reading", async () => {
  const stop = new AbortController();
  const { body } = await openText(sources, path, { signal: stop.signal });
  const reading = (async () => {
    for await (const _ of body) stop.abort();
  })();
  await expect(reading).rejects.toEqual(fails("INTERRUPTED", /was stopped/));
});
