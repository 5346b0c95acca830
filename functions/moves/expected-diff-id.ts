import { ImgstoreError } from "../../core/errors.ts";
import type { PlacementLayer } from "../../core/ports/image-rows.ts";
import type { ActContext } from "./act-context.ts";

/**
 * Compares what a layer was unpacked to with what its image says of it. The tree itself is right for the layer's digest
 * and another image's may be: it is this image that cannot be trusted.
 * @throws {ImgstoreError} DIFF_ID_MISMATCH
 */
export async function expectDiffId({ work, disk }: ActContext, layer: PlacementLayer): Promise<void> {
  const { digest, expectedDiffId } = layer;
  if (expectedDiffId === null) return;
  const found = (await work.readLayer(digest, disk.layers.form))?.diffId;
  if (found === expectedDiffId) return;
  throw new ImgstoreError(
    "DIFF_ID_MISMATCH",
    `the layer ${digest} unpacks to ${found ?? "nothing"}, and the image's configuration says ${expectedDiffId}`,
    { hint: "the image is damaged or was tampered with: save it again" },
  );
}
