import { describe, expect, test } from "vitest";
import { ImgstoreError } from "../../../core/errors.ts";
import type { Invocation } from "../../../functions/cli/invocation.ts";
import { parseCommandLine } from "../../../functions/cli/parse.ts";

function invocationOf(line: string): Invocation {
  const request = parseCommandLine(line.split(" "));
  if (request.kind !== "run") throw new Error(`"${line}" runs nothing`);
  return request.invocation;
}

function refusalOf(...args: readonly string[]): ImgstoreError {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof ImgstoreError) return error;
    throw error;
  }
  throw new Error(`"${args.join(" ")}" was accepted`);
}

describe("parseCommandLine", () => {
  test("finds words and flags in any order, flags with = or a space", () => {
    for (const line of [
      "fetch web ./web.tar --target stored --timeout=2.5 --json",
      "--json fetch --target=stored web --timeout 2.5 ./web.tar",
      "--target stored --json --timeout 2.5 fetch web ./web.tar",
    ]) {
      const invocation = invocationOf(line);
      expect(invocation.command.name, line).toBe("fetch");
      expect(invocation.argument("NAME"), line).toBe("web");
      expect(invocation.argument("SOURCE"), line).toBe("./web.tar");
      expect(invocation.optionalArgument("SHA256"), line).toBeUndefined();
      expect(invocation.text("target"), line).toBe("stored");
      expect(invocation.number("timeout"), line).toBe(2.5);
      expect(invocation.isJson, line).toBe(true);
    }
  });

  test("takes aliases", () => {
    expect(invocationOf("rm web").command.name).toBe("remove");
    expect(invocationOf("ls").command.name).toBe("list");
  });

  test("turns a negatable switch off, and the last one counts", () => {
    expect(invocationOf("activate web").isOn("wait", true)).toBe(true);
    expect(invocationOf("activate web --no-wait").isOn("wait", true)).toBe(false);
    expect(invocationOf("activate web --no-wait --wait").isOn("wait", true)).toBe(true);
  });

  test("lays flags of settings over the environment", () => {
    const { overrides } = invocationOf("status --root /srv/images --lease-ms 1500 --no-keep-blobs");
    expect(overrides).toEqual({ IMGSTORE_ROOT: "/srv/images", IMGSTORE_LEASE_MS: "1500", IMGSTORE_KEEP_BLOBS: "0" });
  });

  test("list's --node filters and sets no variable", () => {
    const invocation = invocationOf("list --node other");
    expect(invocation.text("node")).toBe("other");
    expect(invocation.overrides).toEqual({});
    expect(invocationOf("status --node other").overrides).toEqual({ IMGSTORE_NODE: "other" });
  });

  test("takes what follows -- as words", () => {
    expect(invocationOf("fetch web -- --odd.tar").argument("SOURCE")).toBe("--odd.tar");
  });

  test("asks for help of the program or of a command, whatever else is wrong", () => {
    expect(parseCommandLine(["--help"])).toEqual({ kind: "help", command: null });
    expect(parseCommandLine(["fetch", "--nonsense", "-h"])).toMatchObject({ kind: "help", command: { name: "fetch" } });
    expect(parseCommandLine(["--version"])).toEqual({ kind: "version" });
  });

  test.each([
    { args: [], message: "no command was given", hint: "--help" },
    { args: ["fecth", "web"], message: '"fecth" is not a command', hint: "did you mean fetch?" },
    { args: ["frobnicate"], message: '"frobnicate" is not a command', hint: "--help" },
    { args: ["--jsn"], message: '"--jsn" is not a flag', hint: "did you mean --json?" },
    { args: ["fetch", "a", "b", "--no-wiat"], message: '"--no-wiat" is not a flag', hint: "did you mean --no-wait?" },
    { args: ["status", "-x"], message: '"-x" is not a flag', hint: "imgstore help status" },
    { args: ["status", "--constructor"], message: '"--constructor" is not a flag', hint: "imgstore help status" },
    { args: ["path", "--fresh", "web"], message: '"--fresh" is not a flag', hint: "imgstore help path" },
    { args: ["fetch", "web"], message: "fetch needs SOURCE", hint: "imgstore help fetch" },
    { args: ["path", "web", "extra"], message: 'path does not know what to do with "extra"', hint: "help path" },
    { args: ["status", "--root"], message: "--root needs a value: --root DIR", hint: "help status" },
    { args: ["status", "--root", "--json"], message: "--root needs a value: --root DIR", hint: "help status" },
    { args: ["status", "--root="], message: "--root needs a value", hint: "help status" },
    { args: ["status", "--json=yes"], message: '--json takes no value, and "yes" was given', hint: "help status" },
    { args: ["activate", "web", "--timeout", "soon"], message: '--timeout is "soon"', hint: "number of seconds" },
    { args: ["activate", "web", "--timeout=-1"], message: '--timeout is "-1"', hint: "number of seconds" },
    { args: ["worker", "--concurrency", "0"], message: '--concurrency is "0"', hint: "1 to 256" },
    { args: ["worker", "--concurrency", "257"], message: '--concurrency is "257"', hint: "1 to 256" },
    { args: ["fetch", "a", "b", "--target", "removed"], message: '--target is "removed"', hint: "stored, active" },
    { args: ["list", "--state", "gone"], message: '--state is "gone"', hint: "new, downloading" },
    { args: ["serve", "--server", "http://x"], message: "--server does not apply", hint: "help serve" },
    { args: ["\u001b[31m"], message: String.raw`"\x1b[31m" is not a command`, hint: "--help" },
  ])("refuses $args as wrong usage and says what to do", ({ args, message, hint }) => {
    const error = refusalOf(...args);
    expect(error.code).toBe("USAGE");
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
