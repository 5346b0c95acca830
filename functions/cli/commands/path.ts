import { ImgstoreError } from "../../../core/errors.ts";
import type { ImageJson } from "../../http/wire.ts";
import { DONE } from "../exit-codes.ts";
import type { Invocation } from "../invocation.ts";
import { withStore } from "../store.ts";
import { printDocument, printLine } from "../terminal/output.ts";

/** Prints the mount point of an ACTIVE image, and nothing else. */
export async function run(invocation: Invocation): Promise<number> {
  return withStore(invocation, async ({ client }) => {
    const image = await client.get(invocation.argument("NAME"));
    if (image.mountPoint === null) throw notActive(image);
    if (invocation.isJson) printDocument({ mountPoint: image.mountPoint });
    else printLine(image.mountPoint);
    return DONE;
  });
}

function notActive({ name, state }: ImageJson): ImgstoreError {
  const hint = state === "FAILED" ? `\`imgstore status ${name}\` says why` : `\`imgstore activate ${name}\` mounts it`;
  return new ImgstoreError("NOT_ACTIVE", `"${name}" is ${state}: it is not mounted`, { hint });
}
