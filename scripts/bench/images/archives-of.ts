import { basename } from "node:path";
import { type Archive, type ArchiveForm, archiveAt } from "./archive.ts";
import { cachedFile } from "./cached-file.ts";
import { DEBIAN_IMAGES, debianTar } from "./debian.ts";
import { MADE_IMAGES, madeTar } from "./made-images.ts";
import { runScript } from "./run-script.ts";

/** Images that are made where they are asked for; anything else is the path of a file. */
export const IMAGE_NAMES: readonly string[] = [...Object.keys(DEBIAN_IMAGES), ...Object.keys(MADE_IMAGES)];

const COMPRESS: Readonly<Record<Exclude<ArchiveForm, "tar">, string>> = { gz: "gzip -6 --no-name", zst: "zstd -3" };

/** An image in each of the forms, made where it is not yet; a file only in the one it has, where that is asked for. */
export async function* archivesOf(
  image: string,
  forms: readonly ArchiveForm[],
  stop: AbortSignal,
): AsyncGenerator<Archive, void> {
  const plain = await plainTar(image, stop);
  if (plain !== null) {
    for (const form of forms) yield await archiveAt(await inForm(plain, form, stop));
    return;
  }
  const archive = await archiveAt(image);
  if (forms.includes(archive.form)) yield archive;
}

/** Null when it is no image of ours. */
async function plainTar(image: string, stop: AbortSignal): Promise<string | null> {
  const packages = DEBIAN_IMAGES[image];
  if (packages !== undefined) return debianTar(image, packages, stop);
  const pieces = MADE_IMAGES[image];
  return pieces === undefined ? null : madeTar(image, pieces, stop);
}

async function inForm(plain: string, form: ArchiveForm, stop: AbortSignal): Promise<string> {
  if (form === "tar") return plain;
  return cachedFile(`${basename(plain)}.${form}`, (path) =>
    runScript(`${COMPRESS[form]} <"$1" >"$2"`, [plain, path], stop),
  );
}
