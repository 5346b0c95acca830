import { describe, expect, test } from "vitest";
import { historyTable } from "../../../../functions/cli/views/history-table.ts";
import { imageTable } from "../../../../functions/cli/views/image-table.ts";
import { imageView, whereabouts } from "../../../../functions/cli/views/image-view.ts";
import type { HistoryEntryJson } from "../../../../functions/http/wire.ts";
import { imageJson } from "../../../support/image-json.ts";

const NOW_MS = 1_060_000;

describe("imageView", () => {
  test("says who is at it, how far it is and where it goes", () => {
    const image = imageJson({ worker: "host:12:ab", attempt: 2, progress: { doneBytes: 25, totalBytes: 100 } });
    const text = imageView(image, NOW_MS).join("\n");
    expect(text).toMatch(/state +DOWNLOADING since .* \(1 min ago\), attempt 2 by host:12:ab/);
    expect(text).toMatch(/target +ACTIVE/);
    expect(text).toMatch(/progress +25 B of 100 B \(25 %\)/);
  });

  test("shows an error with its hint and when it is tried again", () => {
    const error = { code: "SOURCE_UNAVAILABLE", message: "no answer\u001b[2J", hint: "look at the server" } as const;
    const text = imageView(imageJson({ error, attempt: 3, dueAtMs: NOW_MS + 4000 }), NOW_MS).join("\n");
    expect(text).toContain(String.raw`no answer\x1b[2J (SOURCE_UNAVAILABLE); attempt 4 in 4.0 s`);
    expect(text).toMatch(/hint +look at the server/);
  });

  test("counts the time in a state from its beginning, whatever signs of life came since", () => {
    const text = imageView(imageJson({ stateSinceMs: NOW_MS - 7_200_000, updatedAtMs: NOW_MS }), NOW_MS).join("\n");
    expect(text).toMatch(/state +DOWNLOADING since .* \(2 h ago\)/);
  });

  test.each([
    ["another image's download", { waitsFor: "blob:sha256:ab" }, /waits +for another image, which fetches sha256:ab/],
    [
      "another image's unpacking",
      { waitsFor: "layer:native:sha256:ab" },
      /waits +for another image, which unpacks sha256:ab/,
    ],
    ["room", { error: { code: "NO_SPACE", message: "too little", hint: null } }, /waits +for room/],
    ["a worker", { dueAtMs: NOW_MS - 1 }, /waits +for a worker/],
  ] as const)("says that an image waits for %s", (_what, differences, said) => {
    const text = imageView(imageJson({ dueAtMs: NOW_MS + 4000, ...differences }), NOW_MS).join("\n");
    expect(text).toMatch(said);
  });

  test("shows the mount and the layers of an ACTIVE image", () => {
    const digest = `sha256:${"b2".repeat(32)}` as const;
    const image = imageJson({
      state: "ACTIVE",
      mountPoint: "/srv/active/web",
      driver: "overlayfs",
      layers: [{ digest, diffId: digest, sizeBytes: 1000 }],
    });
    const text = imageView(image, NOW_MS).join("\n");
    expect(text).toMatch(/mount +\/srv\/active\/web \(overlayfs, nodev, nosuid\)/);
    expect(text).toContain(`${digest} (1.00 kB), unpacked ${digest}`);
    expect(whereabouts(image)).toBe("web is ACTIVE at /srv/active/web");
  });
});

test("imageTable has a line for each image, dashes for what is not known", () => {
  const lines = imageTable([imageJson(), imageJson({ name: "a", state: "STORED", sizeBytes: 5_000_000 })], NOW_MS);
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ["NAME", "STATE", "SINCE", "TARGET", "NOTE", "SIZE", "NODE", "AGE", "SOURCE"],
    ["web", "DOWNLOADING", "1m", "ACTIVE", "-", "-", "host", "1m", "http://example.org/web.tar.gz"],
    ["a", "STORED", "1m", "ACTIVE", "-", "5.00 MB", "host", "1m", "http://example.org/web.tar.gz"],
  ]);
});

test("imageTable says in a word what stands in an image's way", () => {
  const error = { code: "NO_SPACE", message: "too little", hint: null } as const;
  const waiting = imageJson({ name: "b", waitsFor: `blob:sha256:${"a".repeat(64)}` });
  const lines = imageTable([imageJson({ error }), waiting], NOW_MS);
  expect(lines.slice(1).map((line) => line.split(/ {2,}/)[4])).toEqual(["NO_SPACE", "waits"]);
});

describe("historyTable", () => {
  const entry: HistoryEntryJson = {
    seq: 1,
    fromState: null,
    toState: "NEW",
    move: "register",
    attempt: 0,
    node: "host",
    worker: "host:12:ab",
    startedAtMs: 0,
    durationMs: 0,
    error: null,
    incarnation: 7,
  };
  const failure: HistoryEntryJson = {
    ...entry,
    seq: 2,
    fromState: "DOWNLOADING",
    toState: "DOWNLOADING",
    move: "finish-download",
    attempt: 1,
    durationMs: 1500,
    error: { code: "SOURCE_UNAVAILABLE", message: "no\nanswer", hint: null },
    incarnation: 9,
  };

  test("shows attempts with their errors on one line", () => {
    const lines = historyTable([entry, failure], false);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/ - +NEW +register +0 +0 ms +host +host:12:ab$/);
    expect(lines[2]).toMatch(
      /DOWNLOADING +DOWNLOADING +finish-download +1 +1\.5 s .*no\\x0aanswer \(SOURCE_UNAVAILABLE\)$/,
    );
  });

  test("numbers the incarnations where it is asked to", () => {
    const lines = historyTable([entry, failure], true);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["#", "1", "2"]);
  });
});
