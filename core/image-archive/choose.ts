import { ImgstoreError } from "../errors.ts";
import { printable } from "../names.ts";
import { fitness, type Platform, platformText } from "./platform.ts";

/** An image, or an index of images, that a TAG may mean. */
export interface Choice {
  /** Tags, or names with tags; empty for an untagged one. */
  readonly names: readonly string[];
  /** Null where it is not said, or for an index of several. */
  readonly platform: Platform | null;
}

/**
 * The images that a TAG means: those that have it as their name, or else as the tag of their name. `@N` is the one at
 * that position, counted from 0. Without a TAG, all of them where none has another name than the rest. More than one
 * only where they are for different platforms.
 * @throws {ImgstoreError} NO_SUCH_TAG, listing what there is
 */
export function chooseTagged<T extends Choice>(images: readonly T[], tag: string | null): readonly T[] {
  const chosen = tag === null ? allOfOneName(images) : imagesOf(images, tag);
  if (chosen.length > 1 && chosen.some(({ platform }) => platform === null)) throw noneAlone(chosen);
  return chosen;
}

function allOfOneName<T extends Choice>(images: readonly T[]): readonly T[] {
  const names = new Set(images.map((image) => image.names.toSorted().join(" ")));
  if (names.size > 1) throw noneAlone(images);
  return images;
}

function imagesOf<T extends Choice>(images: readonly T[], tag: string): readonly T[] {
  if (tag.startsWith("@")) {
    const image = images[Number(tag.slice(1))];
    if (image !== undefined) return [image];
    throw noSuchTag(`there is none at the position ${tag}`, images);
  }
  const wanted = fullName(tag);
  const named = images.filter(({ names }) => names.some((name) => name === tag || fullName(name) === wanted));
  if (named.length > 0) return named;
  const found = images.flatMap(({ names }) => names.filter((name) => tagOf(name) === tag));
  if (found.length === 0) throw noSuchTag(`none in the archive has the tag "${printable(tag)}"`, images);
  const tagged = images.filter(({ names }) => names.some((name) => tagOf(name) === tag));
  if (new Set(found).size > 1 && tagged.length > 1) {
    throw noSuchTag(`several in the archive have the tag "${printable(tag)}"`, tagged);
  }
  return tagged;
}

function noneAlone(images: readonly Choice[]): ImgstoreError {
  return noSuchTag(`there are ${images.length} in the archive`, images);
}

function noSuchTag(problem: string, images: readonly Choice[]): ImgstoreError {
  const known = images.map(({ names }, position) => (names.length === 0 ? `@${position}` : names.join(", ")));
  return new ImgstoreError("NO_SUCH_TAG", `cannot choose an image: ${problem} (there are: ${listed(known)})`, {
    hint: "give one of those after the path: docker-archive:PATH:TAG, oci-archive:PATH:TAG",
  });
}

const MAX_LISTED = 20;

function listed(all: readonly string[]): string {
  if (all.length === 0) return "none";
  const rest = all.length > MAX_LISTED ? ` and ${all.length - MAX_LISTED} more` : "";
  return all.slice(0, MAX_LISTED).map(printable).join(", ") + rest;
}

/** A name as `docker` completes it: its own registry, its official images, `latest`. */
function fullName(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasRegistry ? name : `docker.io/${rest.length > 0 ? name : `library/${name}`}`;
  return tagOf(path) === null ? `${path}:latest` : path;
}

/** What comes after the name's last colon; of a bare tag itself. Null for a name without one. */
function tagOf(name: string): string | null {
  const start = name.lastIndexOf("/") + 1;
  const colon = name.indexOf(":", start);
  if (colon >= 0) return name.slice(colon + 1);
  return start === 0 ? name : null;
}

/**
 * The first of those that run best on this machine.
 * @throws {ImgstoreError} NO_SUCH_PLATFORM, listing what there is
 */
export function choosePlatform<T extends Pick<Choice, "platform">>(images: readonly T[], wanted: Platform): T {
  let best: { readonly image: T; readonly rank: number } | null = null;
  for (const image of images) {
    const rank = image.platform === null ? 0 : fitness(wanted, image.platform);
    if (rank !== null && (best === null || rank < best.rank)) best = { image, rank };
  }
  if (best !== null) return best.image;
  const platforms = images.flatMap(({ platform }) => (platform === null ? [] : [platformText(platform)]));
  throw new ImgstoreError(
    "NO_SUCH_PLATFORM",
    `the archive has no image for ${platformText(wanted)} (there are: ${listed([...new Set(platforms)])})`,
    { hint: "save the image for this machine's platform, as `docker pull --platform` and `skopeo copy` choose it" },
  );
}
