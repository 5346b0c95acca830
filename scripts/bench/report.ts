import type { Measurement } from "./measure.ts";

/** Two ways of doing the same, measured in turns. */
export interface Comparison {
  readonly ours: Contender;
  readonly theirs: Contender;
}

export interface Contender {
  readonly name: string;
  readonly runs: readonly Measurement[];
}

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Medians of both, spread of the wall times, and our ratio to theirs; one line each. */
export function reportOf({ ours, theirs }: Comparison): string[] {
  const width = Math.max(ours.name.length, theirs.name.length);
  const ratios = ours.runs.map((run, at) => run.wallMs / (theirs.runs[at]?.wallMs ?? Number.NaN));
  return [
    `${"".padEnd(width)}  ${["wall ms", "least", "most", "cpu ms", "peak MiB"].map((head) => head.padStart(9)).join("")}`,
    lineOf(theirs, width),
    lineOf(ours, width),
    `ratio of the medians ${(wallOf(ours) / wallOf(theirs)).toFixed(2)}, median of the ${ratios.length} pairs' ratios ${median(ratios).toFixed(2)}`,
  ];
}

function lineOf(contender: Contender, width: number): string {
  const walls = contender.runs.map((run) => run.wallMs);
  const numbers = [
    wallOf(contender),
    Math.min(...walls),
    Math.max(...walls),
    median(contender.runs.map((run) => run.cpuMs)),
    median(contender.runs.map((run) => run.peakRssBytes)) / 2 ** 20,
  ];
  return `${contender.name.padEnd(width)}  ${numbers.map((number) => number.toFixed(0).padStart(9)).join("")}`;
}

function wallOf(contender: Contender): number {
  return median(contender.runs.map((run) => run.wallMs));
}
