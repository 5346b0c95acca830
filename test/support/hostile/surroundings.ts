import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { describeTree } from "../../../scripts/faults/audit/describe-tree.ts";
import { setFileXattr } from "../file-xattr.ts";
import { Unpacking } from "../unpacking.ts";
import type { Targets } from "./hostile-case.ts";

/** Another tree in the staging directory, beside every one that is unpacked. */
const NEIGHBOUR = "9.9.0";

/** A store with sentinels beside it, above it, in it and at absolute paths: no archive may change any of them. */
export class Surroundings {
  readonly unpacking: Unpacking = new Unpacking();
  readonly targets: Targets;
  readonly #untouched: readonly string[];

  constructor() {
    const { home, root, outside } = this.unpacking;
    const elsewhere = mkdtempSync(join(otherFileSystem(), "imgstore-elsewhere-"));
    this.targets = {
      secret: join(outside, "secret"),
      outside,
      elsewhere,
      nowhere: `/imgstore-nowhere-${randomUUID()}`,
    };
    for (const place of [outside, elsewhere, join(root, "tmp", NEIGHBOUR), join(root, "images", "a".repeat(64))]) {
      plantSentinels(place);
    }
    setFileXattr(join(outside, "secret"), "user.sentinel", "kept");
    writeFileSync(join(home, "secret"), "above");
    writeFileSync(join(root, "imgstore.db"), "rows");
    this.#untouched = this.#fingerprint();
  }

  /** Everything that is none of an archive's business is as it was at first: also a change that was taken back shows. */
  expectUntouched(): void {
    expect(this.#fingerprint()).toEqual(this.#untouched);
  }

  #fingerprint(): string[] {
    const { home } = this.unpacking;
    const all = [home, this.targets.elsewhere].flatMap((tree) =>
      [...describeTree(tree, isOurs)].map(([name, description]) => {
        const path = join(tree, name);
        // names come and go in the staging directory
        return name === "store/tmp" ? path : `${path} ${description} ${changeOf(path)}`;
      }),
    );
    return [...all, `${this.targets.nowhere}: ${existsSync(this.targets.nowhere)}`];
  }

  /** The names in the staging directory, the neighbour's apart. */
  staged(): string[] {
    return readdirSync(join(this.unpacking.root, "tmp")).filter((name) => name !== NEIGHBOUR);
  }

  remove(): void {
    this.unpacking.remove();
    rmSync(this.targets.elsewhere, { recursive: true });
    rmSync(this.targets.nowhere, { recursive: true, force: true });
  }
}

/** What unpacking itself changes, from the home on: stored archives, and trees in the staging directory but the neighbour's. */
function isOurs(name: string): boolean {
  if (name === "store/blobs") return true;
  return (
    name.startsWith("store/tmp/") && name !== `store/tmp/${NEIGHBOUR}` && !name.startsWith(`store/tmp/${NEIGHBOUR}/`)
  );
}

function plantSentinels(place: string): void {
  mkdirSync(join(place, "etc", "deep"), { recursive: true, mode: 0o711 });
  writeFileSync(join(place, "secret"), "secret", { mode: 0o600 });
  writeFileSync(join(place, "etc", "passwd"), "root:x:0:0:");
  writeFileSync(join(place, "etc", "deep", "program"), "#!/bin/sh", { mode: 0o755 });
  linkSync(join(place, "etc", "passwd"), join(place, "passwd-again"));
  symlinkSync("secret", join(place, "link"));
  execFileSync("mkfifo", [join(place, "fifo")]);
  utimesSync(join(place, "secret"), 1, 1_234_567_890.5);
}

/** Any change of an inode moves its change time, and one that is made anew has another number. */
function changeOf(path: string): string {
  const { ino, ctimeNs } = lstatSync(path, { bigint: true });
  return `${ino} ${ctimeNs}`;
}

function otherFileSystem(): string {
  const isOther = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev;
  return isOther ? "/dev/shm" : tmpdir();
}
