import { styleText } from "node:util";

/** What was asked for, as a line on stdout. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printLines(lines: readonly string[]): void {
  for (const line of lines) printLine(line);
}

/** One JSON document on stdout. */
export function printDocument(document: unknown): void {
  printLine(JSON.stringify(document, null, 2));
}

/** One line of a JSON stream on stdout. */
export function printRecord(record: unknown): void {
  printLine(JSON.stringify(record));
}

/** What was not asked for, as a line on stderr: diagnostics and progress. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The width of the terminal on stdout; undefined elsewhere, where nothing may be cut. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

type Style = Parameters<typeof styleText>[0];

/** Styled where stdout is a terminal that wants colour. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Styled where stderr is a terminal that wants colour. */
export function paintForStderr(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}
