import { edges } from "../../../core/lifecycle/image.ts";
import type { HistoryRow, ImageRows, Placement } from "../../../core/ports/image-rows.ts";

const EDGES = new Set(edges().map((edge) => edge.join(" ")));

/** Whether each image's history is one unbroken way along the table's edges to the state that its row has. */
export async function auditHistory(images: ImageRows, placements: readonly Placement[]): Promise<string[]> {
  const findings: string[] = [];
  for (const { name, state, version } of placements) {
    const rows = await images.history(name, "latest");
    findings.push(...auditWay(rows).map((finding) => `the history of "${name}": ${finding}`));
    const moves = rows.filter(isTransition).length;
    if (rows.at(-1)?.toState !== state) findings.push(`"${name}" is ${state}, and its history ends elsewhere`);
    if (moves !== version) findings.push(`"${name}" has version ${version} after ${moves} transitions`);
  }
  return findings;
}

/** Also of an image that is gone. */
export function auditWay(rows: readonly HistoryRow[]): string[] {
  const findings: string[] = [];
  let state: string | null = null;
  for (const { seq, fromState, toState, move } of rows) {
    if (fromState !== state) findings.push(`row ${seq} begins at ${fromState} where the one before ended at ${state}`);
    if (
      fromState === null ? move !== "register" : fromState !== toState && !EDGES.has(`${move} ${fromState} ${toState}`)
    ) {
      findings.push(`row ${seq} is no edge of the lifecycle: ${move} from ${fromState} to ${toState}`);
    }
    state = toState;
  }
  return findings;
}

function isTransition({ fromState, toState }: HistoryRow): boolean {
  return fromState !== null && fromState !== toState;
}
