import { describe, expect, test } from "vitest";
import { isolated } from "../../support/isolated.ts";

const MODULES = {
  confining: "adapters/linux/confine",
  capabilities: "adapters/linux/capabilities",
  ffi: "adapters/linux/ffi",
  filter: "adapters/linux/call-filter",
  privileges: "adapters/linux/no-new-privileges",
};

describe("confine", () => {
  test("fails with CONFINEMENT_FAILED, not half confined, where there is no such directory", async () => {
    const script = `
      try { confining.confine("/nowhere/at/all", "process"); } catch ({ code, message, hint }) { return { code, message, hint }; }`;
    expect(await isolated(MODULES, script)).toEqual({
      code: "CONFINEMENT_FAILED",
      message: `cannot confine the extractor to "/nowhere/at/all": open_tree '/nowhere/at/all': ENOENT`,
      hint: expect.stringContaining("imgstore doctor"),
    });
  });
});

describe("keepCapabilities", () => {
  test("leaves what is named of what there was, and brings nothing back", async () => {
    const script = `
      capabilities.keepCapabilities("chown", "mknod");
      capabilities.keepCapabilities("chown", "sysAdmin");
      return ["chown", "mknod", "sysAdmin"].filter((name) => capabilities.hasCapabilities(name));`;
    expect(await isolated(MODULES, script)).toEqual(["chown"]);
  });
});

describe("refuseCalls", () => {
  /** The script's own words for a call that is made by its number. */
  const CALL = `
    const call = ffi.declare("long syscall(long, long, long)");
    const errorOf = (...args) => (call(...args) < 0 ? ffi.lastError("syscall").code : null);
    privileges.forbidNewPrivileges();`;

  test("says that numbers of another architecture's, and ones yet to come, are unknown", async () => {
    // getpid of x32; nobody's
    const script = `${CALL} filter.refuseCalls(); return [errorOf(0x40000027, 0, 0), errorOf(471, 0, 0), errorOf(999, 0, 0)];`;
    expect(await isolated(MODULES, script)).toEqual(["ENOSYS", "ENOSYS", "ENOSYS"]);
  });

  test("lets a process signal itself, as an abort does, and nobody else", async () => {
    const script = `
      const kill = ffi.declare("int kill(int, int)");
      ${CALL} filter.refuseCalls();
      return [process.pid, process.ppid, 0, -1].map((pid) => kill(pid, 0) === 0);`;
    expect(await isolated(MODULES, script)).toEqual([true, false, false, false]);
  });

  test("takes hold of threads that were there before", async () => {
    const script = `
      const { readdir, readFile } = await import("node:fs/promises");
      ${CALL} filter.refuseCalls();
      const threads = await readdir("/proc/self/task");
      const states = threads.map((id) => readFile("/proc/self/task/" + id + "/status", "utf8"));
      return (await Promise.all(states)).map((status) => /^Seccomp:\\s*(\\d)/m.exec(status)[1]).join("");`;
    expect(await isolated(MODULES, script)).toMatch(/^2{2,}$/);
  });
});
