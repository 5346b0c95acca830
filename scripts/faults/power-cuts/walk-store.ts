import type { Fixtures } from "../crash/fixtures.ts";
import { FAILED, Walk, type Walked } from "./walk.ts";

/** The images that cannot be fetched, whoever tries. */
export const HOPELESS: readonly string[] = ["e"];

/**
 * Takes a store through every state and every move of the table, and through what people do to it.
 * @returns the moves that were made
 */
export async function walkStore(walked: Walked, fixtures: Fixtures): Promise<ReadonlySet<string>> {
  const walk = new Walk(walked);
  await fetchEach(walk, fixtures);
  await changeUppers(walk, fixtures);
  await loseAndRepair(walk);
  await failAndCancel(walk, fixtures);
  return walk.movesOf(["a", "b", "c", "d", "e", "f"]);
}

/** One transition after the other, and then by itself, unpacked while it comes; two that share a layer, at once. */
async function fetchEach(walk: Walk, { tar, otherTar, archive }: Fixtures): Promise<void> {
  await walk.ask([`fetch a ${tar.url} ${tar.digest} --target stored --no-wait`]);
  await walk.sweep();
  await walk.ask(["activate a"]);
  walk.write({ name: "a", path: "kept", text: "by the first user" });
  await walk.besideWorker(() => walk.ask([`fetch b ${otherTar.path}`]));
  walk.write({ name: "b", path: "written", text: "into the first b" });
  const saved = `docker-archive:${archive.path}`;
  await walk.ask([`fetch c ${saved}:a:1 --no-wait`, `fetch d ${saved}:b:1 --no-wait`]);
  await walk.sweep();
  walk.write({ name: "c", path: "more", text: "of two layers" });
}

/** Another upper for an image, and the same name for another image. */
async function changeUppers(walk: Walk, { archive }: Fixtures): Promise<void> {
  await walk.deactivateBusy("c");
  await walk.ask(["deactivate c"]);
  await walk.ask(["activate c --fresh"], { takes: { name: "c", what: "upper" } });
  walk.write({ name: "c", path: "fresh", text: "after it was dropped" });
  await walk.ask(["remove b"], { takes: { name: "b", what: "image" } });
  await walk.ask([`fetch b docker-archive:${archive.path}:a:1 --no-wait`]);
  await walk.sweep();
  await walk.ask(["gc"]);
}

/** A mount that is lost is made again, and a damaged layer fetched again, under what was written. */
async function loseAndRepair(walk: Walk): Promise<void> {
  walk.unmount("a");
  await walk.sweep();
  await walk.ask(["deactivate a"]);
  await walk.damage("a");
  await walk.sweep();
  await walk.ask(["activate a"]);
  walk.write({ name: "a", path: "later", text: "after the repair" });
  await walk.ask(["verify"]);
}

/** What fails, what is cancelled half-way, and all that is collected then. */
async function failAndCancel(walk: Walk, { notATar, otherTar }: Fixtures): Promise<void> {
  await walk.ask([`fetch e ${notATar.path}`], { status: FAILED });
  await walk.ask(["retry e"], { status: FAILED });
  await walk.ask(["remove e"], { takes: { name: "e", what: "image" } });
  await walk.ask([`fetch f ${otherTar.path} --no-wait`]);
  for (const _ of ["DOWNLOADING", "DOWNLOADED", "UNPACKING"]) await walk.ask(["sweep"]);
  await walk.ask(["remove f"], { takes: { name: "f", what: "image" } });
  await walk.ask(["remove c"], { takes: { name: "c", what: "image" } });
  await walk.ask(["gc"]);
}
