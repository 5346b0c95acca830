// A process that tries everything behind the wall, as the extractor's two threads and as the runtime's own: run by
// attackers.ts with its order as JSON. Prints JSON: the wall, and of each way what came of it.

import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { attacksOf, handleOf } from "./attacks.mjs";
import { needsOf } from "./needs.mjs";

/** What both threads are told: by whoever started the process, and by the first one. */
const order = isMainThread ? JSON.parse(process.argv[2]) : workerData.order;
const load = (file) => import(`${order.modules}/${file}${order.ending}`);
const { confine, joinConfinement } = await load("linux/confine");
const { refuseCalls } = await load("linux/call-filter");
const { closeInheritedDirectories } = await load("layers/extractor/inherited");
const { ConfinementGate } = await load("layers/extractor/confinement-gate");
const ffi = await load("linux/ffi");
const openat = await load("linux/openat");
const linux = {
  ffi,
  openat,
  files: await load("linux/file-calls"),
  xattr: await load("linux/xattr"),
  sync: await load("linux/sync"),
  blocks: await load("linux/free-blocks"),
  mask: await load("linux/creation-mask"),
};

function outcomes(ways) {
  return Object.fromEntries(
    Object.entries(ways).map(([name, act]) => {
      try {
        act();
        return [name, "succeeded"];
      } catch (error) {
        return [name, `refused: ${error.code ?? error.message}`];
      }
    }),
  );
}

/** @param makes prepares needs and attacks before the wall closes @param close closes it, and gives the root */
function tryAll(own, close) {
  const [needs, attacks] = [needsOf(linux, order.blob), attacksOf({ ...ffi, at: openat, ...order })];
  const { wall, root } = close();
  const home = wall === "detached-mount" ? "" : order.directory;
  mkdirSync(`${home}/${own}`);
  // what is needed first: an attack may change where the thread is
  return { wall, needed: outcomes(needs(root, own)), attacks: outcomes(attacks(root, `${home}/${own}`, own)) };
}

async function main() {
  order.handle = handleOf(ffi, order.outside);
  if (!order.isConfined) {
    const root = openat.openDirectoryAt(openat.WORKING_DIRECTORY, openat.cPath(order.directory));
    return { main: tryAll("main", () => ({ wall: "none", root })) };
  }
  closeInheritedDirectories();
  const gate = new ConfinementGate();
  const thread = new Worker(new URL(import.meta.url), { workerData: { order, gate: gate.memory } });
  const answer = new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  let isFiltered = false;
  const result = tryAll("main", () => {
    const confinement = confine(order.directory, "thread");
    isFiltered = refuseCalls();
    gate.open(confinement);
    return confinement;
  });
  const second = await answer;
  // by a thread of the runtime
  const pool = await readFile(`${order.outside}/secret`).then(
    () => "succeeded",
    (error) => `refused: ${error.code}`,
  );
  return { isFiltered, main: result, second, pool };
}

if (isMainThread) {
  process.stdout.write(`${JSON.stringify(await main())}\n`);
} else {
  const gate = new ConfinementGate(workerData.gate);
  const result = tryAll("second", () => {
    const confinement = gate.wait();
    joinConfinement(confinement);
    return confinement;
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of this process, no window
  parentPort.postMessage(result);
}
