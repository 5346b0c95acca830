import type { Digest } from "../../core/digests.ts";
import { ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import type { Placement } from "../../core/ports/image-rows.ts";
import type { Engine } from "../engine.ts";

/** The digests of an image's blobs and layers. @throws {ImgstoreError} NO_SUCH_IMAGE */
export async function partsOf(engine: Engine, name: string): Promise<ReadonlySet<Digest>> {
  const placement = await engine.images.load(name);
  if (placement === null) throw new ImgstoreError("NO_SUCH_IMAGE", `there is no image "${printable(name)}"`);
  return new Set(digestsOf(placement));
}

/** The names of the images of this node that have each of the blobs or layers. */
export async function namesByDigest(
  engine: Engine,
  digests: ReadonlySet<Digest>,
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const names = new Map<Digest, string[]>();
  if (digests.size === 0) return names;
  for await (const placement of allPlacements(engine)) {
    for (const digest of new Set(digestsOf(placement))) {
      if (digests.has(digest)) names.set(digest, [...(names.get(digest) ?? []), placement.name]);
    }
  }
  return names;
}

async function* allPlacements(engine: Engine): AsyncGenerator<Placement> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Engine["images"]["list"]>> = await engine.images.list({
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.placements;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

const PAGE = 1000;

function digestsOf({ checksum, layers }: Placement): Digest[] {
  return [...(checksum === null ? [] : [checksum]), ...layers.map(({ digest }) => digest)];
}
