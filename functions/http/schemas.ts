import * as v from "valibot";
import { ImgstoreError } from "../../core/errors.ts";
import { TARGETS } from "../../core/lifecycle/image.ts";
import { printable } from "../../core/names.ts";
import type { GcRequestJson, PatchImageJson, PutImageJson, SweepRequestJson, VerifyRequestJson } from "./wire.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(8192));
const count = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const schemas: { readonly [K in keyof Bodies]: v.GenericSchema<unknown, Bodies[K]> } = {
  put: v.strictObject({
    source: text,
    checksum: v.exactOptional(text),
    target: v.exactOptional(v.picklist(TARGETS)),
    mountOptions: v.exactOptional(v.union([v.string(), v.array(v.string())])),
  }),
  patch: v.strictObject({
    target: v.picklist(TARGETS),
    fresh: v.exactOptional(v.boolean()),
    force: v.exactOptional(v.boolean()),
  }),
  sweep: v.strictObject({
    limit: v.exactOptional(count(1, 10_000)),
    budgetMs: v.exactOptional(count(0, 86_400_000)),
    concurrency: v.exactOptional(count(1, 256)),
  }),
  gc: v.strictObject({ dryRun: v.exactOptional(v.boolean()), blobs: v.exactOptional(v.boolean()) }),
  verify: v.strictObject({ name: v.exactOptional(text), repair: v.exactOptional(v.boolean()) }),
};

export interface Bodies {
  readonly put: PutImageJson;
  readonly patch: PatchImageJson;
  readonly sweep: SweepRequestJson;
  readonly gc: GcRequestJson;
  readonly verify: VerifyRequestJson;
}

/**
 * A request's body as one of the known shapes.
 * @throws {ImgstoreError} INVALID_BODY naming the field
 */
export function checkBody<K extends keyof Bodies>(kind: K, body: unknown): Bodies[K] {
  const schema: v.GenericSchema<unknown, Bodies[K]> = schemas[kind];
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  throw new ImgstoreError("INVALID_BODY", field === null ? issue.message : `"${printable(field)}": ${issue.message}`, {
    hint: HINTS[kind],
  });
}

const HINTS: Readonly<Record<keyof Bodies, string>> = {
  put: '{"source": URL or path, "checksum"?: SHA-256, "target"?: "STORED" or "ACTIVE", "mountOptions"?: "nodev,nosuid"}',
  patch: '{"target": "STORED", "ACTIVE" or "REMOVED", "fresh"?: boolean, "force"?: boolean}',
  sweep: '{"limit"?: number, "budgetMs"?: number, "concurrency"?: number}',
  gc: '{"dryRun"?: boolean, "blobs"?: boolean}',
  verify: '{"name"?: string, "repair"?: boolean}',
};
