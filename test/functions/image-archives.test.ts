import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { thisPlatform } from "../../adapters/sources/image-archive/this-platform.ts";
import { archive, directory, entry, symlink } from "../support/archive-builder.ts";
import {
  digestOfBytes,
  layerWith,
  newDockerFiles,
  ociFiles,
  oldDockerFiles,
  packed,
  stored,
  type TestImage,
} from "../support/image-archive.ts";
import { contentsOf } from "../support/store-contents.ts";
import { openStoreUnderTest, type StoreUnderTest } from "../support/store-under-test.ts";

const platform = thisPlatform();
const BASE = archive(
  directory("etc/", { mtime: 7 }),
  entry({ name: "etc/base" }, "base"),
  entry({ name: "etc/gone" }, "gone"),
  directory("old/"),
  entry({ name: "old/file" }, "old"),
  directory("tmp/", { mode: 0o1777, mtime: 9 }),
  symlink("became", "etc"),
);
const TOP = archive(
  entry({ name: "etc/.wh.gone" }),
  directory("old/"),
  entry({ name: "old/.wh..wh..opq" }),
  entry({ name: "old/new" }, "new"),
  entry({ name: "tmp/mine" }, "mine"),
  directory("became/"),
  entry({ name: "became/file" }, "file"),
);
const TWO: TestImage = { layers: [BASE, TOP], tags: ["two:1"], platform };

describe("an image from an archive", () => {
  let tested: StoreUnderTest;

  beforeEach(async () => {
    tested = await openStoreUnderTest();
  });
  afterEach(() => tested.remove());

  const save = (name: string, bytes: Uint8Array): string => {
    writeFileSync(tested.store.path(name), bytes);
    return tested.store.path(name);
  };

  // oxlint-disable-next-line typescript/no-explicit-any -- the image as the route shows it
  const reach = async (name: string, source: string, target = "ACTIVE"): Promise<any> => {
    await tested.request("PUT", `/v1/images/${name}`, { body: { source, target } });
    const { body } = await tested.request("PATCH", `/v1/images/${name}`, {
      body: { target },
      headers: { prefer: "wait=30" },
    });
    return body;
  };

  const remove = (name: string) => tested.request("DELETE", `/v1/images/${name}`, { headers: { prefer: "wait=30" } });

  const gc = async (): Promise<string[]> => {
    const { body } = await tested.request("POST", "/v1/gc", { body: {} });
    return body.removed.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`);
  };

  const hexes = (...layers: readonly Uint8Array[]): string[] =>
    layers.map((layer) => digestOfBytes(layer).slice(7)).toSorted();

  it.each([
    ["docker", oldDockerFiles],
    ["docker", newDockerFiles],
    ["oci", ociFiles],
  ] as const)("is mounted with its layers in order (%s)", async (format, filesOf) => {
    const image = { ...TWO, isCompressed: format === "oci" };
    const bytes = packed(filesOf([image]));
    const source = `${format}-archive:${save("images.tar", bytes)}:two:1`;
    expect(await reach("two", source)).toMatchObject({
      state: "ACTIVE",
      source,
      checksum: digestOfBytes(bytes),
      layers: image.layers.map((layer) => ({
        digest: digestOfBytes(stored(image, layer)),
        diffId: digestOfBytes(layer),
      })),
    });
    const at = (...parts: string[]): string => tested.store.path("active", "two", ...parts);
    expect(readdirSync(at()).toSorted()).toEqual(["became", "etc", "old", "tmp"]);
    expect(readdirSync(at("etc"))).toEqual(["base"]);
    expect(readdirSync(at("old"))).toEqual(["new"]);
    expect(readdirSync(at("became"))).toEqual(["file"]);
    expect(readFileSync(at("tmp", "mine"), "utf8")).toBe("mine");
    // The upper layer does not list them: what the lower one says of them counts.
    expect(statSync(at("tmp"))).toMatchObject({ mode: 0o41777, mtimeMs: 9000 });
    expect(statSync(at("etc"))).toMatchObject({ mode: 0o40755, mtimeMs: 7000 });
    expect(contentsOf(tested.store)).toMatchObject({ images: hexes(BASE, TOP), tmp: [] });
  });

  it("shares layers with another; the removal of one keeps them, and gc reclaims exactly the rest", async () => {
    const other = layerWith("other", "other");
    const files = newDockerFiles([TWO, { layers: [BASE, other], tags: ["other:1"], platform }]);
    const path = save("images.tar", packed(files));
    await reach("two", `docker-archive:${path}:two:1`);
    await reach("other", `docker-archive:${path}:other:1`);
    expect(contentsOf(tested.store)).toMatchObject({
      blobs: hexes(BASE, TOP, other),
      images: hexes(BASE, TOP, other),
    });
    await remove("two");
    expect(await gc()).toEqual([`blob ${digestOfBytes(TOP)}`, `layer ${digestOfBytes(TOP)}`]);
    expect(await gc()).toEqual([]);
    expect(readFileSync(tested.store.path("active", "other", "etc", "base"), "utf8")).toBe("base");
    await remove("other");
    expect(await gc()).toHaveLength(4);
    expect(contentsOf(tested.store)).toMatchObject({ blobs: [], images: [], overlays: [], tmp: [] });
  });

  it("is repaired from its blobs when its archive is gone", async () => {
    const path = save("two.tar", packed(newDockerFiles([TWO])));
    await reach("two", `docker-archive:${path}`);
    rmSync(path);
    const [base = ""] = hexes(BASE);
    writeFileSync(tested.store.path("images", base, "etc", "base"), "rotten");
    const { body } = await tested.request("POST", "/v1/verify", { body: { repair: true } });
    expect(body.damaged).toMatchObject([{ kind: "layer", images: ["two"] }]);
    const patched = await tested.request("PATCH", "/v1/images/two", {
      body: { target: "ACTIVE" },
      headers: { prefer: "wait=30" },
    });
    expect(patched.body).toMatchObject({ state: "ACTIVE", error: null });
    expect(readFileSync(tested.store.path("active", "two", "etc", "base"), "utf8")).toBe("base");
  });

  it("may have a layer twice, and one of which the root hides all that is below", async () => {
    const hiding = archive(entry({ name: ".wh..wh..opq" }), entry({ name: "alone" }, "x"));
    const twice = packed(ociFiles([{ layers: [BASE, TOP, BASE], platform }]));
    const { sizeBytes } = await reach("twice", `oci-archive:${save("twice.tar", twice)}`);
    expect(readdirSync(tested.store.path("active", "twice", "etc")).toSorted()).toEqual(["base", "gone"]);
    const once = await reach("two", `oci-archive:${save("two.tar", packed(ociFiles([TWO])))}`);
    expect(sizeBytes).toBe(once.sizeBytes);
    const hidden = packed(ociFiles([{ layers: [BASE, hiding, layerWith("top", "t")], platform }]));
    await reach("hidden", `oci-archive:${save("hidden.tar", hidden)}`);
    expect(readdirSync(tested.store.path("active", "hidden")).toSorted()).toEqual(["alone", "top"]);
  });

  it("whose layer does not unpack to the diffId of its configuration is FAILED, and nothing staged is left", async () => {
    const files = ociFiles([{ ...TWO, isCompressed: true, diffIds: [BASE, BASE].map(digestOfBytes) }]);
    const image = await reach("lie", `oci-archive:${save("lie.tar", packed(files))}`);
    expect(image).toMatchObject({ state: "FAILED", error: { code: "DIFF_ID_MISMATCH" } });
    expect(contentsOf(tested.store)).toMatchObject({ images: [], active: [], tmp: [] });

    // The same blobs, listed by an image that tells the truth, are as good as ever.
    const honest = packed(ociFiles([{ ...TWO, isCompressed: true }]));
    expect(await reach("honest", `oci-archive:${save("honest.tar", honest)}`)).toMatchObject({ state: "ACTIVE" });
  });

  it("a layer whose bytes are not what they are said to be is DIGEST_MISMATCH, and is not stored", async () => {
    const files = newDockerFiles([TWO]);
    files.set(`blobs/sha256/${digestOfBytes(TOP).slice(7)}`, layerWith("evil", "evil"));
    const image = await reach("evil", `docker-archive:${save("evil.tar", packed(files))}`);
    expect(image).toMatchObject({ state: "FAILED", error: { code: "DIGEST_MISMATCH" } });
    const { blobs } = contentsOf(tested.store);
    expect(hexes(BASE)).toEqual(expect.arrayContaining(blobs));
  });

  it("another SHA-256 than the archive's is DIGEST_MISMATCH before anything is stored", async () => {
    const path = save("images.tar", packed(oldDockerFiles([TWO])));
    const checksum = "a".repeat(64);
    await tested.request("PUT", "/v1/images/two", { body: { source: `docker-archive:${path}`, checksum } });
    const image = await reach("two", `docker-archive:${path}`);
    expect(image).toMatchObject({ state: "FAILED", error: { code: "DIGEST_MISMATCH" } });
    expect(contentsOf(tested.store)).toMatchObject({ blobs: [], images: [], tmp: [] });
  });

  it("does not copy again what an earlier attempt stored, and copies what is damaged", async () => {
    const path = save("images.tar", packed(newDockerFiles([TWO])));
    // As an attempt leaves it that dies between two layers: no row speaks of the blob.
    const [base = "", top = ""] = [BASE, TOP].map((layer) => tested.store.path("blobs", digestOfBytes(layer).slice(7)));
    writeFileSync(base, BASE);
    writeFileSync(top, "damaged");
    const inode = (file: string): number => statSync(file).ino;
    const before = [inode(base), inode(top)];
    expect(await reach("two", `docker-archive:${path}`, "STORED")).toMatchObject({ state: "STORED" });
    expect(inode(base)).toBe(before[0]);
    expect(readFileSync(top).equals(TOP)).toBe(true);
  });

  it("a lost archive is SOURCE_NOT_FOUND, and retry takes it up when it is back", async () => {
    const path = save("images.tar", packed(newDockerFiles([TWO])));
    const bytes = readFileSync(path);
    rmSync(path);
    const source = `docker-archive:${path}`;
    expect(await reach("two", source)).toMatchObject({ state: "FAILED", error: { code: "SOURCE_NOT_FOUND" } });
    writeFileSync(path, bytes);
    expect(await reach("two", source)).toMatchObject({ state: "ACTIVE", error: null });
    expect(existsSync(tested.store.path("active", "two", "etc", "base"))).toBe(true);
  });
});
