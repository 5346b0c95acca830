import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { hexOf } from "../../../core/digests.ts";
import type { Progress } from "../../../core/ports/image-rows.ts";
import { differences } from "../../../scripts/faults/audit/describe-tree.ts";
import { archive, directory, entry, header, pax, symlink } from "../../support/archive-builder.ts";
import { useUnpacking } from "../../support/use-unpacking.ts";

const unpacking = useUnpacking();
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("unpack", () => {
  test("answers with the name, the root's inode, the diffId of the whole plain stream and the bytes of contents", async () => {
    const plain = Buffer.concat([
      archive(entry({ name: "a" }, "12345"), entry({ name: "b" }, "67")),
      Buffer.alloc(9000, "tail"),
    ]);
    for (const stored of [plain, gzipSync(plain)]) {
      const staged = await unpacking().unpack(unpacking().store(stored));
      const { ino } = lstatSync(join(unpacking().root, "tmp", staged.name), { bigint: true });
      expect(staged).toEqual({
        name: staged.name,
        inode: ino.toString(),
        diffId: `sha256:${sha256(plain)}`,
        sizeBytes: 7,
        skippedDevices: 0,
        firstSkipped: [],
      });
    }
  });

  test("tells how many stored bytes it has read, up to all of them", async () => {
    const stored = gzipSync(archive(entry({ name: "a" }, Buffer.alloc(3_000_000, "x"))), { level: 0 });
    const seen: Progress[] = [];
    await unpacking().unpack(unpacking().store(stored), { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(0);
    for (const { doneBytes, totalBytes } of seen) {
      expect(totalBytes).toBe(stored.length);
      expect(doneBytes).toBeLessThanOrEqual(stored.length);
    }
  });

  test("gives the root 0755 0:0 and the time by which it is known where the archive does not list it, and parents it does not list as well", async () => {
    const found = await unpacking().found(archive(entry({ name: "usr/share/doc/x" }, "1")));
    for (const name of ["", "usr", "usr/share", "usr/share/doc"]) expect(found.get(name)).toBe("40755 0:0 1");
  });

  test("gives a directory the attributes of its own entry wherever it comes, also after its children", async () => {
    const entries = [
      entry({ name: "d/e/f" }, "1"),
      directory("d", { mode: 0o2750, gid: 8, mtime: 77 }),
      directory("d/e", { mode: 0 }),
    ];
    const found = await unpacking().found(archive(...entries, directory("./", { mode: 0o700, uid: 4, mtime: 99 })));
    expect(found.get("d")).toBe("42750 0:8 77000000000");
    expect(found.get("d/e")).toBe("40000 0:0 0");
    expect(found.get("")).toBe("40700 4:0 99000000000");
  });

  test("lets nothing of the directories above it through: setgid, default ACLs, the process's umask", async () => {
    const tmp = join(unpacking().root, "tmp");
    execFileSync("chgrp", ["7", tmp]);
    execFileSync("chmod", ["2700", tmp]);
    const archiveOfAll = archive(
      directory("d", { mode: 0o777 }),
      entry({ name: "d/f", mode: 0o666 }),
      header({ name: "p", type: "6", mode: 0o622 }),
    );
    const before = process.umask();
    const found = await unpacking().found(archiveOfAll);
    expect(process.umask()).toBe(before);
    expect([...found.values()]).toEqual([
      "40755 0:0 1",
      "40777 0:0 0",
      expect.stringMatching(/^100666 0:0 0 0 /),
      "10622 0:0 0",
    ]);
  });

  test("keeps times before 1970, beyond 2038 and in nanoseconds, of links too", async () => {
    const times = {
      before: "-1.5",
      early: "-0.000000001",
      late: "4294967296.123456789",
      fine: "1.9999999999",
      plain: "7",
    };
    const pieces = Object.entries(times).flatMap(([name, mtime]) => [pax({ mtime }), symlink(name, "t")]);
    const tree = await unpacking().tree(archive(...pieces));
    const mtimeOf = (name: string): bigint => lstatSync(join(tree, name), { bigint: true }).mtimeNs;
    expect(mtimeOf("before")).toBe(-1_500_000_000n);
    expect(mtimeOf("early")).toBe(-1n);
    expect(mtimeOf("late")).toBe(4_294_967_296_123_456_789n);
    expect(mtimeOf("fine")).toBe(1_999_999_999n);
    expect(mtimeOf("plain")).toBe(7_000_000_000n);
  });

  test("keeps names that are not UTF-8, from a header and from PAX", async () => {
    const name = Buffer.from("caf\xe9\xff", "latin1");
    const found = await unpacking().found(
      archive(entry({ name }, "1"), pax({ path: Buffer.concat([Buffer.from("d/"), name]) }), entry({}, "2")),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "caf\xe9\xff", "d", "d/caf\xe9\xff"]);
  });

  test("understands v7, star and base-256 numbers", async () => {
    const found = await unpacking().found(
      archive(
        entry({ name: "old/", magic: "v7", type: "\0" }),
        entry({ name: "old/v7", magic: "v7", type: "\0" }, "1"),
        entry({ name: "n", prefix: "p", magic: "star" }, "2"),
        entry({ name: "gnu", prefix: "not a prefix", magic: "gnu", uid: 3_000_000, mtime: -5 }, "3"),
      ),
    );
    expect([...found.keys()].toSorted()).toEqual(["", "gnu", "old", "old/v7", "p", "p/n"]);
    expect(found.get("gnu")).toMatch(/^100644 3000000:0 -5000000000 1 /);
  });

  test("replaces what an attempt of the same name left where its process was killed", async () => {
    mkdirSync(join(unpacking().root, "tmp", "1.1.0", "half"), { recursive: true });
    const found = await unpacking().found(archive(entry({ name: "a" })));
    expect([...found.keys()]).toEqual(["", "a"]);
  });

  test("gives many directories their attributes, more than are kept in memory", async () => {
    const name = (index: number): string => `${index % 7}/${"x".repeat(80)}${index}`;
    const pieces = Array.from({ length: 4000 }, (_, index) =>
      directory(name(index), { mode: 0o700 + (index % 64), mtime: index }),
    );
    const tree = await unpacking().tree(archive(...pieces));
    for (let index = 0; index < 4000; index += 37) {
      const stat = lstatSync(join(tree, name(index)));
      expect([stat.mode & 0o777, stat.mtimeMs]).toEqual([0o700 + (index % 64), index * 1000]);
    }
    expect(readdirSync(join(unpacking().root, "tmp"))).toEqual(["1.1.0"]);
  });

  test("makes what node-tar makes of an archive", async () => {
    const { create, extract } = await import("tar");
    const source = join(unpacking().home, "source");
    mkdirSync(join(source, "d"), { recursive: true });
    writeFileSync(join(source, "d", `${"long".repeat(40)}é`), "contents");
    // node-tar keeps milliseconds, not always the right ones
    utimesSync(join(source, "d", `${"long".repeat(40)}é`), 1_500_000_000, 1_500_000_000);
    const file = join(unpacking().home, "a.tar");
    await create({ file, cwd: source, portable: false }, ["d"]);
    const theirs = join(unpacking().home, "theirs");
    mkdirSync(theirs);
    await extract({ file, cwd: theirs, preserveOwner: true });
    const tree = await unpacking().tree(readFileSync(file));
    // its own directory's time is not restored by node-tar
    expect(differences(join(tree, "d"), join(theirs, "d")).filter((line) => !line.startsWith(": "))).toEqual([]);
  });
});

describe("unpack refuses", () => {
  test("what is no tar", async () => {
    const disk = Buffer.concat([Buffer.alloc(1024), Buffer.alloc(4096, "ext4")]);
    for (const bytes of [Buffer.from("<html>"), Buffer.alloc(5000, "x"), gzipSync("hello"), disk]) {
      expect(await unpacking().refusalCode(bytes)).toBe("NOT_A_TAR");
    }
  });

  test("what is empty, or nothing but zeros", async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(100),
      Buffer.alloc(512),
      Buffer.alloc(10_240),
      gzipSync(Buffer.alloc(0)),
      gzipSync(Buffer.alloc(10_240)),
    ]) {
      expect(await unpacking().refusalCode(bytes)).toBe("EMPTY_ARCHIVE");
    }
    expect(await unpacking().refusalCode(archive(pax({ comment: "x" }, { type: "g" })))).toBe("EMPTY_ARCHIVE");
  });

  test.each([
    ["lz4", [0x04, 0x22, 0x4d, 0x18]],
    ["lzip", [0x4c, 0x5a, 0x49, 0x50]],
    ["compress", [0x1f, 0x9d]],
  ])("%s, by its name", async (name, magic) => {
    const error = await unpacking().refusal(Buffer.from(magic));
    expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
    expect(error.message).toContain(name);
  });

  test("an archive of images, with the source to give instead", async () => {
    const manifest = JSON.stringify([{ Config: "c.json", RepoTags: ["a:1"], Layers: ["l/layer.tar"] }]);
    const docker = archive(
      directory("l"),
      entry({ name: "l/layer.tar" }, "x"),
      entry({ name: "manifest.json" }, manifest),
    );
    const legacy = archive(entry({ name: "l/layer.tar" }, "x"), entry({ name: "repositories" }, '{"a":{"1":"l"}}'));
    for (const bytes of [docker, legacy, gzipSync(docker)]) {
      const error = await unpacking().refusal(bytes);
      expect(error.code).toBe("IMAGE_ARCHIVE");
      expect(error.hint).toContain("docker-archive:PATH");
    }
    const layout = archive(
      entry({ name: "./oci-layout" }, '{"imageLayoutVersion":"1.0.0"}'),
      entry({ name: "./index.json" }, '{"manifests":[]}'),
    );
    const error = await unpacking().refusal(layout);
    expect(error.code).toBe("IMAGE_ARCHIVE");
    expect(error.hint).toContain("oci-archive:PATH");
  });

  test("nothing for files that only have such names", async () => {
    const found = await unpacking().found(
      archive(
        entry({ name: "manifest.json" }, "[]"),
        entry({ name: "index.json" }, "{"),
        entry({ name: "d/oci-layout" }, "{}"),
      ),
    );
    expect(found.size).toBe(5);
  });

  test("a blob that is not there", async () => {
    const digest = unpacking().store(Buffer.from("x"));
    execFileSync("rm", [join(unpacking().root, "blobs", hexOf(digest))]);
    await expect(unpacking().unpack(digest)).rejects.toMatchObject({ code: "BLOB_LOST" });
    expect(readdirSync(join(unpacking().root, "tmp"))).toEqual([]);
  });

  test("to go on when it is told to stop, and leaves nothing", async () => {
    const early = new AbortController();
    early.abort();
    const stored = unpacking().store(archive(entry({ name: "a" }, Buffer.alloc(60_000_000))));
    await expect(unpacking().unpack(stored, { signal: early.signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
    const late = new AbortController();
    const unpacked = unpacking().unpack(stored, { signal: late.signal, onProgress: () => late.abort() });
    await expect(unpacked).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(readdirSync(join(unpacking().root, "tmp"))).toEqual([]);
    expect(readdirSync("/proc/self/fd").filter((fd) => leadsInto(fd, unpacking().root))).toEqual([]);
  });

  test("a full file system as no space, and leaves nothing", async () => {
    const tmp = join(unpacking().root, "tmp");
    for (const [option, bytes] of [
      ["size=1m", archive(entry({ name: "a" }, Buffer.alloc(4_000_000)))],
      ["nr_inodes=20", archive(...Array.from({ length: 40 }, (_, index) => entry({ name: `f${index}` })))],
    ] as const) {
      execFileSync("mount", ["-t", "tmpfs", "-o", option, "tmpfs", tmp]);
      try {
        await expect(unpacking().unpack(unpacking().store(bytes))).rejects.toMatchObject({ code: "NO_SPACE" });
        expect(readdirSync(tmp)).toEqual([]);
      } finally {
        execFileSync("umount", [tmp]);
      }
    }
  });
});

function leadsInto(fd: string, root: string): boolean {
  try {
    return execFileSync("readlink", [`/proc/${process.pid}/fd/${fd}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).startsWith(root);
  } catch {
    // it was the descriptor that the folder was listed with
    return false;
  }
}
