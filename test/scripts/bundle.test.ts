import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ENTRIES, packageRoot } from "../../adapters/package-files.ts";
import { commandFile } from "../../scripts/command-file.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/imgstore-packed-`);
  installPackage();
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** The package as a registry would give it, in a project of its own, among the packages that it depends on. */
function installPackage(): void {
  const packages = `${directory}/node_modules`;
  mkdirSync(`${packages}/imgstore`, { recursive: true });
  for (const name of readdirSync(`${packageRoot}node_modules`)) {
    if (!name.startsWith(".")) symlinkSync(`${packageRoot}node_modules/${name}`, `${packages}/${name}`);
  }
  run("npm", "pack", packageRoot, "--ignore-scripts", "--silent");
  run("bash", "-c", `tar -xzf imgstore-*.tgz -C ${packages}/imgstore --strip-components=1`);
}

function imgstore(...args: string[]): string {
  const program = `${directory}/node_modules/imgstore/${commandFile.slice(packageRoot.length)}`;
  return run(process.execPath, program, ...args, "--root", `${directory}/store`);
}

function run(program: string, ...args: string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("IMGSTORE_")));
  return execFileSync(program, args, { cwd: directory, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test.each(ENTRIES)("the bundle of %s: loads nothing of the command's", (entry) => {
  const name = basename(entry);
  const files = readdirSync(dirname(commandFile)).filter(
    (file) => file === `${name}.cjs` || file.startsWith(`${name}-`),
  );
  const loaded = files.flatMap((file) => {
    const text = readFileSync(`${dirname(commandFile)}/${file}`, "utf8");
    return [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id]) => id ?? "");
  });
  expect(loaded).toContain("koffi");
  expect(loaded.filter((id) => id === "libsql" || (id.startsWith("./") && !files.includes(basename(id))))).toEqual([]);
});

test("the packed command: tells its version and an empty store", () => {
  expect(imgstore("--version")).toMatch(/^imgstore \d+\.\d+\.\d+\n$/);
  expect(JSON.parse(imgstore("status", "--json"))).toEqual({ images: [] });
});

test("the packed command: finds the migrations, the extractor's thread and the native libraries", () => {
  mkdirSync(`${directory}/tree/etc`, { recursive: true });
  run("tar", "-cf", "tree.tar", "-C", "tree", ".");
  imgstore("fetch", "tree", "tree.tar", "--target", "stored");
  const image: unknown = JSON.parse(imgstore("status", "tree", "--json"));
  expect(image).toMatchObject({ name: "tree", state: "STORED" });
  imgstore("remove", "tree");
  expect(JSON.parse(imgstore("status", "--json"))).toEqual({ images: [] });
});
