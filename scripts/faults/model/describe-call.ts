import type { Call, Fault } from "./turns.ts";

/** A call, what befell it and what its caller was told, in a line. */
export function describeCall({ actor, name, args }: Call, fault: Fault, reply: unknown): string {
  const asked = args
    .map((arg) => brief(arg, ["name", "move", "state", "version", "fence", "target", "opId"]))
    .join(" ");
  const struck = fault === "none" ? "" : ` [${fault}]`;
  const told = reply === undefined || reply === null ? "" : ` -> ${brief(reply, REPLY_KEYS)}`;
  return `${actor}: ${name} ${asked}${struck}${told}`;
}

const REPLY_KEYS = ["kind", "state", "version", "fence", "isNew"] as const;

/** Of an object only what tells one step from another. */
function brief(value: unknown, keys: readonly string[]): string {
  if (typeof value === "string") return value.replace(/^(sha256:.)\w+$/, "$1");
  if (typeof value !== "object" || value === null) return String(value);
  const shown = Object.entries(value).filter(([key, each]) => keys.includes(key) && each !== undefined);
  return shown.map(([, each]) => String(each)).join("/");
}
