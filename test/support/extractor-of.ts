import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The process id of the extractor that a process has started, once it has. */
export async function extractorOf(parent: number | undefined): Promise<number> {
  for (let tries = 0; tries < 2000; tries++) {
    const found = readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && isExtractor(pid, parent));
    if (found !== undefined) return Number(found);
    await sleep(5);
  }
  throw new Error(`process ${parent} started no extractor`);
}

function isExtractor(pid: string, parent: number | undefined): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ppid = stat.slice(stat.lastIndexOf(")")).split(" ")[2];
    return ppid === String(parent) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("extractor");
  } catch {
    // it has ended meanwhile
    return false;
  }
}
