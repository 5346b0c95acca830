// `npm run demo`: a small image from nothing to a mounted, writable root file system and away again, with the real
// command, in a temporary store. Leaves nothing behind, also when it fails or is stopped by Ctrl-C.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { packageRoot } from "../adapters/package-files.ts";
import { CommandFailed, type Narrator, narrator } from "./narrator.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { serveFile } from "./serve-file.ts";

/** On a terminal the image comes slowly, so that there is a progress bar to see. */
const WATCHABLE_BYTES_PER_S = 3_000_000;

const WRITTEN = "written by the demo";

process.exitCode = await main();

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) return refuse("only root may mount", "sudo npm run demo");
  const scratch = await scratchDirectory("demo");
  if (scratch === null) {
    return refuse("every temporary directory lies on an overlay file system", "TMPDIR=/a/volume npm run demo");
  }
  const tell = narrator(scratch);
  process.on("SIGINT", tell.stop).on("SIGTERM", tell.stop);
  try {
    await play(tell, scratch);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.error(`\nThe demo ended early: ${error.message}.`);
    if (error.exitCode === 6) await explain(scratch);
    return error.exitCode ?? 130;
  } finally {
    await clear(scratch);
  }
}

/** @param scratch the working directory of every line, so that the store is the default one, ./store */
async function play(tell: Narrator, scratch: string): Promise<void> {
  tell.say(`A small root file system, made of this machine's own shell (in ${scratch})`);
  await tell.run(`bash ${packageRoot}scripts/create-test-image.sh && sha256sum test-image.tar`);
  await fetchOverHttp(tell, `${scratch}/test-image.tar`);
  await tell.run("imgstore status demo");

  tell.say("The mounted tree: devices, links and setuid bits are there");
  await tell.run("ls -l store/active/demo store/active/demo/dev store/active/demo/usr/bin/{id,cat,absolute-sh}");

  tell.say("Writing into it, from inside");
  await tell.run(
    `chroot "$(imgstore path demo)" /bin/sh -c 'echo "${WRITTEN}" >>/etc/motd; rm /etc/dangling; cat /etc/motd'`,
  );

  tell.say("The stored layer below is untouched; what was written lies in the image's own upper layer");
  await tell.run("cat store/images/*/etc/motd");
  await tell.run("ls -l store/overlays/demo/upper/etc");
  checkLayerIsUntouched(`${scratch}/store`);

  tell.say("How it came about: every transition is a row");
  await tell.run("imgstore history demo");

  tell.say("Unmounted, removed, and what nothing refers to any more collected");
  await tell.run("imgstore deactivate demo");
  await tell.run("imgstore remove demo");
  await tell.run("imgstore gc");
  checkNothingIsLeft(`${scratch}/store`);
  console.log("No blob, layer, overlay, mount or temporary file is left. `npx imgstore help` has the rest.");
}

async function fetchOverHttp(tell: Narrator, image: string): Promise<void> {
  const digest = createHash("sha256").update(readFileSync(image)).digest("hex");
  const server = await serveFile(image, process.stderr.isTTY ? WATCHABLE_BYTES_PER_S : undefined);
  try {
    tell.say("Fetched over HTTP, verified, unpacked and mounted");
    await tell.run(`imgstore fetch demo ${server.url} ${digest}`);
  } finally {
    await server.close();
  }
}

/** @throws {Error} when the layer shows what was written into the mount */
function checkLayerIsUntouched(store: string): void {
  for (const layer of readdirSync(`${store}/images`)) {
    const file = `${store}/images/${layer}/etc/motd`;
    if (readFileSync(file, "utf8").includes(WRITTEN)) throw new Error(`"${file}" was written to`);
  }
}

/** @throws {Error} when something is left */
function checkNothingIsLeft(store: string): void {
  const kept = ["blobs", "images", "overlays", "active", "tmp"].flatMap((folder) =>
    readdirSync(`${store}/${folder}`).map((name) => `${folder}/${name}`),
  );
  const left = [...kept, ...mountPointsBelow(store)];
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
}

async function explain(scratch: string): Promise<void> {
  console.error("This machine cannot do it. What it lacks, and what helps:");
  try {
    await narrator(scratch).run("imgstore doctor");
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error; // what it says is its answer, whatever its exit status
  }
}

/** Takes everything away, also what a demo that ended early left mounted. Never deletes through a mount. */
async function clear(scratch: string): Promise<void> {
  if (existsSync(`${scratch}/store`) && mountPointsBelow(scratch).length > 0) {
    await narrator(scratch).run("imgstore remove demo --force");
  }
  const mounted = mountPointsBelow(scratch);
  if (mounted.length > 0) throw new Error(`still mounted, so left where it is: ${mounted.join(", ")}`);
  rmSync(scratch, { recursive: true, force: true });
}

function mountPointsBelow(directory: string): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return mounts.flatMap((line) => line.split(" ")[1] ?? []).filter((point) => point.startsWith(`${directory}/`));
}

function refuse(reason: string, remedy: string): number {
  console.error(`The demo mounts an image and cannot do so here: ${reason}. Try: ${remedy}`);
  return 6;
}
