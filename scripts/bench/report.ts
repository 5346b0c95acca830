import { loadavg } from "node:os";
import { basename } from "node:path";
import type { Contender } from "./contest.ts";
import { type Measurement, SAMPLE_MS } from "./measure/measure.ts";

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** What is measured, and how busy the machine is with other things: on a machine at rest the load is about 0. */
export function headOf(
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  runs: number,
): string {
  const load = loadavg()[0]?.toFixed(1);
  return `\n${basename(path)}, ${(sizeBytes / 2 ** 20).toFixed(0)} MiB: ${runs} runs each, in turns, each on a fresh ext4 (load now: ${load})`;
}

/** Medians of everybody with the spread of the wall times, one line each; then our ratios to each of theirs. */
export function reportOf(contenders: readonly Contender[]): string[] {
  const width = Math.max(...contenders.map(nameOf).map((name) => name.length));
  const of = (role: Contender["contestant"]["role"]): Contender[] =>
    contenders.filter(({ contestant }) => contestant.role === role);
  return [
    `${"".padEnd(width)}${COLUMNS.map(({ head }) => head.padStart(10)).join("")}`,
    ...[...of("theirs"), ...of("ours"), ...of("floor")].map((contender) => lineOf(contender, width)),
    ...of("ours").flatMap((ours) => of("theirs").map((theirs) => ratioLine(ours, theirs))),
  ];
}

interface Column {
  readonly head: string;
  readonly of: (runs: readonly Measurement[]) => number;
}

const COLUMNS: readonly Column[] = [
  { head: "wall ms", of: wallOf },
  { head: "least", of: (runs) => Math.min(...runs.map(({ wallMs }) => wallMs)) },
  { head: "most", of: (runs) => Math.max(...runs.map(({ wallMs }) => wallMs)) },
  { head: "sync ms", of: (runs) => median(runs.map(({ syncMs }) => syncMs ?? Number.NaN)) },
  { head: "user ms", of: (runs) => median(runs.map(({ userMs }) => userMs)) },
  { head: "system ms", of: (runs) => median(runs.map(({ systemMs }) => systemMs)) },
  { head: "peak MiB", of: (runs) => median(runs.map(({ peakBytes }) => peakBytes)) / 2 ** 20 },
  { head: "one MiB", of: (runs) => median(runs.map((run) => run.largestProcessBytes)) / 2 ** 20 },
];

/** What the columns are, for whoever reads them. */
export const LEGEND: string = [
  "wall: median of the runs, and the least and the most of them; sync: the last sync's part of it, where it is known",
  "user, system: processor time of the whole process tree, the server's and the kernel's write-back not in it",
  `peak: memory of the whole process tree every ${SAMPLE_MS} ms, what processes share counted once; one: its largest process`,
].join("\n");

function nameOf({ contestant }: Contender): string {
  return contestant.role === "floor" ? `(floor) ${contestant.name}` : contestant.name;
}

function lineOf(contender: Contender, width: number): string {
  const cells = COLUMNS.map((column) => cell(column.of(contender.runs)));
  return `${nameOf(contender).padEnd(width)}${cells.join("")}`;
}

function cell(value: number): string {
  return (Number.isNaN(value) ? "-" : value.toFixed(0)).padStart(10);
}

function ratioLine(ours: Contender, theirs: Contender): string {
  const pairs = ours.runs.map((run, at) => run.wallMs / (theirs.runs[at]?.wallMs ?? Number.NaN));
  const [wall, cpu] = [wallOf, cpuOf].map((of) => (of(ours.runs) / of(theirs.runs)).toFixed(2));
  const spread = `${Math.min(...pairs).toFixed(2)} to ${Math.max(...pairs).toFixed(2)}`;
  return `${wall} of the wall time (runs: ${median(pairs).toFixed(2)}, ${spread}), ${cpu} of the processor time: ${nameOf(ours)} / ${nameOf(theirs)}`;
}

function wallOf(runs: readonly Measurement[]): number {
  return median(runs.map(({ wallMs }) => wallMs));
}

function cpuOf(runs: readonly Measurement[]): number {
  return median(runs.map(({ userMs, systemMs }) => userMs + systemMs));
}
