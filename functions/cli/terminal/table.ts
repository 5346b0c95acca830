/**
 * Rows as aligned columns under their titles, one line each, without trailing spaces. A `width` (a terminal's) cuts
 * lines that are longer; without one nothing is lost.
 */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], width?: number): string[] {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => {
    const line = cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    return width === undefined ? line : cut(line, width);
  });
}

/** At most `width` characters; what was cut ends in an ellipsis. */
export function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
