import { describe, expect, test } from "vitest";
import { progressLine } from "../../../../functions/cli/terminal/progress-line.ts";
import { progressReport } from "../../../../functions/cli/terminal/progress-report.ts";
import { rateMeter } from "../../../../functions/cli/terminal/rate-meter.ts";
import { imageJson } from "../../../support/image-json.ts";

describe("progressLine", () => {
  const pace = { bytesPerSecond: 5_000_000, elapsedMs: 4200 };

  test("shows state, bar, bytes of total, rate and time left", () => {
    const image = imageJson({ progress: { doneBytes: 12_000_000, totalBytes: 30_000_000 } });
    expect(progressLine(image, pace, 120)).toBe(
      "web  DOWNLOADING  [========>           ]   40 %  12.0 MB of 30.0 MB  5.00 MB/s  4 s left",
    );
  });

  test("leaves out what is not known", () => {
    const progress = { doneBytes: 12_000_000, totalBytes: null };
    expect(progressLine(imageJson({ progress }), pace, 120)).toBe("web  DOWNLOADING  12.0 MB  5.00 MB/s");
    const still = { bytesPerSecond: null, elapsedMs: 0 };
    expect(progressLine(imageJson({ progress }), still, 120)).toBe("web  DOWNLOADING  12.0 MB");
  });

  test("shows how long a state without bytes has lasted", () => {
    expect(progressLine(imageJson({ state: "ACTIVATING" }), pace, 120)).toBe("web  ACTIVATING  4.2 s");
  });

  test("is full at the end and never beyond", () => {
    const line = progressLine(imageJson({ progress: { doneBytes: 31, totalBytes: 30 } }), pace, 120);
    expect(line).toContain(`[${"=".repeat(20)}]  100 %`);
    expect(line).not.toContain("left");
  });

  test("fits a narrow terminal", () => {
    const image = imageJson({ progress: { doneBytes: 12_000_000, totalBytes: 30_000_000 } });
    for (const width of [10, 40, 79]) expect(progressLine(image, pace, width).length).toBeLessThanOrEqual(width);
  });

  test("shows an error that is being retried, its control characters escaped", () => {
    const error = { code: "SOURCE_UNAVAILABLE", message: "no\u001b[2J answer", hint: null } as const;
    expect(progressLine(imageJson({ error, attempt: 3 }), pace, 120)).toBe(
      String.raw`web  DOWNLOADING  attempt 3: no\x1b[2J answer`,
    );
  });
});

describe("rateMeter", () => {
  test("says nothing before there is something to measure", () => {
    const meter = rateMeter();
    expect(meter.bytesPerSecond()).toBeNull();
    meter.enter(1000, 0);
    meter.enter(2000, 100);
    expect(meter.bytesPerSecond()).toBeNull();
  });

  test("measures the last seconds only", () => {
    const meter = rateMeter();
    for (let second = 0; second <= 10; second++) meter.enter(second * 1000, second * 1000);
    for (let second = 11; second <= 20; second++) meter.enter(10_000 + (second - 10) * 5000, second * 1000);
    expect(meter.bytesPerSecond()).toBe(5000);
  });

  test("falls to nothing when nothing comes", () => {
    const meter = rateMeter();
    meter.enter(0, 0);
    for (let second = 1; second <= 8; second++) meter.enter(1000, second * 1000);
    expect(meter.bytesPerSecond()).toBe(0);
  });

  test("begins anew when less is done than before", () => {
    const meter = rateMeter();
    meter.enter(50_000, 0);
    meter.enter(60_000, 1000);
    meter.enter(0, 2000);
    meter.enter(3000, 3000);
    expect(meter.bytesPerSecond()).toBe(3000);
  });
});

/** A stream that keeps what is written. */
class Recorder {
  readonly isTTY: boolean;
  readonly columns = 60;
  text = "";

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe("progressReport", () => {
  const half = imageJson({ progress: { doneBytes: 50, totalBytes: 100 } });

  test("writes one line for each change of state or error where there is no terminal", () => {
    const stream = new Recorder(false);
    const report = progressReport(stream);
    report.show(half);
    report.show(imageJson({ progress: { doneBytes: 70, totalBytes: 100 } }));
    const error = { code: "SOURCE_UNAVAILABLE", message: "no answer", hint: null } as const;
    report.show(imageJson({ error, attempt: 2, updatedAtMs: 1000, dueAtMs: 3000 }));
    report.show(imageJson({ state: "DOWNLOADED" }));
    report.end();
    expect(stream.text.split("\n")).toEqual([
      "web: DOWNLOADING",
      "web: DOWNLOADING, attempt 2: no answer (SOURCE_UNAVAILABLE), again in 2.0 s",
      "web: DOWNLOADED",
      "",
    ]);
  });

  test("redraws one line on a terminal, and leaves it empty", () => {
    const stream = new Recorder(true);
    const report = progressReport(stream);
    report.show(half);
    report.show(half);
    report.show(imageJson({ state: "DOWNLOADED" }));
    report.end();
    expect(stream.text).not.toContain("\n");
    const drawn = stream.text.split("\r").slice(1);
    expect(drawn.map((line) => line.endsWith("\u001b[K"))).toEqual(drawn.map(() => true));
    expect(drawn[0]).toContain("50 %");
    expect(drawn.at(-2)).toContain("web  DOWNLOADED");
    expect(drawn.at(-1)).toBe("\u001b[K");
    for (const line of drawn) expect(line.replace("\u001b[K", "").length).toBeLessThan(60);
  });
});
