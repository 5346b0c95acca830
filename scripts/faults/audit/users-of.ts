import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Processes but this one that have a file below a directory open, as working directory, root or program, in words. */
export function usersOf(directory: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => uses(pid, directory)).map((pid) => `process ${pid} (${commandOf(pid)})`);
}

function uses(pid: string, directory: string): boolean {
  const links = ["cwd", "root", "exe", ...namesIn(`/proc/${pid}/fd`).map((fd) => `fd/${fd}`)];
  return links.some((link) => targetOf(`/proc/${pid}/${link}`).startsWith(`${directory}/`));
}

// A process may end while it is looked at.
function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "ended";
  }
}
