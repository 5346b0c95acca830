import { ImgstoreError } from "../../core/errors.ts";
import { parseName } from "../../core/names.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";
import { etagOf } from "./image-json.ts";
import type { RouteCall } from "./route-call.ts";

/**
 * The name in a route's path.
 * @throws {ImgstoreError} INVALID_NAME
 */
export function nameOf({ params }: RouteCall): string {
  return parseName(params["name"] ?? "");
}

/**
 * This node's image of that name.
 * @throws {ImgstoreError} NO_SUCH_IMAGE
 */
export async function loadNamed(engine: Engine, name: string): Promise<Placement> {
  const placement = await engine.images.load(name);
  if (placement !== null) return placement;
  throw new ImgstoreError("NO_SUCH_IMAGE", `there is no image "${name}" on ${engine.settings.node}`, {
    hint: "`imgstore list` shows those there are",
  });
}

/**
 * Refuses a change of what the client has not seen.
 * @throws {ImgstoreError} PRECONDITION_FAILED
 */
export function requireMatch({ request }: RouteCall, placement: Placement): void {
  const condition = request.header("if-match");
  if (condition === undefined) return;
  const tags = condition.split(",").map((tag) => tag.trim());
  if (tags.includes("*") || tags.includes(etagOf(placement))) return;
  throw new ImgstoreError("PRECONDITION_FAILED", `"${placement.name}" is ${etagOf(placement)} now`, {
    hint: "read it again and repeat the request with its new ETag",
  });
}
