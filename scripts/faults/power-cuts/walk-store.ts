import type { Fixtures } from "../crash/fixtures.ts";
import { Walk, type Walked } from "./walk.ts";

/** Takes a store through every state: what the moves of the table do, and what people do to it. */
export async function walkStore(walked: Walked, fixtures: Fixtures): Promise<void> {
  const walk = new Walk(walked);
  const { tar, otherTar, archive, notATar } = fixtures;

  // one transition after the other, and then by itself, unpacked while it comes
  await walk.ask([`fetch a ${tar.url} ${tar.digest} --target stored --no-wait`]);
  await walk.sweep();
  await walk.ask(["activate a"]);
  walk.write({ name: "a", path: "kept", text: "by the first user" });
  await walk.ask([`fetch b ${otherTar.path}`]);
  walk.write({ name: "b", path: "written", text: "into the first b" });

  // two that share a layer, at once
  await walk.ask([`fetch c docker-archive:${archive.path}:a:1`, `fetch d docker-archive:${archive.path}:b:1`]);
  walk.write({ name: "c", path: "more", text: "of two layers" });

  // another upper, and the same name for another image
  await walk.ask(["deactivate c"]);
  await walk.ask(["activate c --fresh"], { name: "c", what: "upper" });
  walk.write({ name: "c", path: "fresh", text: "after it was dropped" });
  await walk.ask(["remove b"], { name: "b", what: "image" });
  await walk.ask([`fetch b docker-archive:${archive.path}:a:1 --no-wait`]);
  await walk.sweep();
  await walk.ask(["gc"]);

  // a damaged layer is fetched again under what was written
  await walk.ask(["deactivate a"]);
  await walk.damage("a");
  await walk.sweep();
  await walk.ask(["activate a"]);
  walk.write({ name: "a", path: "later", text: "after the repair" });

  // what fails, what is cancelled half-way, and all that is collected
  await walk.ask([`fetch e ${notATar.path}`]);
  await walk.ask(["remove e"], { name: "e", what: "image" });
  await walk.ask([`fetch f ${otherTar.path} --no-wait`]);
  for (const _ of ["DOWNLOADING", "DOWNLOADED", "UNPACKING"]) await walk.ask(["sweep"]);
  await walk.ask(["remove f"], { name: "f", what: "image" });
  await walk.ask(["remove c"], { name: "c", what: "image" });
  await walk.ask(["gc"]);
}
