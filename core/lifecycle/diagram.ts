import { edges, GONE } from "./image.ts";

/** The lifecycle as a Mermaid state diagram, one line for each edge of the table; ends with a newline. */
export function lifecycleDiagram(): string {
  const lines = edges().map(([move, from, to]) => `    ${from} --> ${to === GONE ? "[*]" : to}: ${move}`);
  return ["stateDiagram-v2", "    [*] --> NEW: register", ...lines, ""].join("\n");
}
