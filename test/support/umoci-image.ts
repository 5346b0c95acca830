import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** An OCI image that umoci makes of a tree that is changed layer by layer. */
export interface UmociImage {
  /** The tree as umoci unpacks the whole image. */
  readonly rootfs: string;
  /** Saves the image with skopeo; the archive's path. */
  save(format: "docker" | "oci"): string;
}

const REFERENCE = "image:latest";

/**
 * Makes an image in a directory, a layer for each change of the tree.
 * @param changes each is given the tree's root, as the layers so far made it
 */
export function makeUmociImage(directory: string, changes: readonly ((root: string) => void)[]): UmociImage {
  const run = (command: string, ...args: string[]): Buffer =>
    execFileSync(command, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  run("umoci", "init", "--layout", "image");
  run("umoci", "new", "--image", REFERENCE);
  for (const [position, change] of changes.entries()) {
    const bundle = `bundle-${position}`;
    run("umoci", "unpack", "--image", REFERENCE, bundle);
    change(join(directory, bundle, "rootfs"));
    run("umoci", "repack", "--image", REFERENCE, bundle);
    run("rm", "-rf", bundle);
  }
  run("umoci", "unpack", "--image", REFERENCE, "expected");
  return {
    rootfs: join(directory, "expected", "rootfs"),
    save: (format) => {
      const path = join(directory, `${format}.tar`);
      const tag = format === "docker" ? ":example.test/image:latest" : ":latest";
      run("skopeo", "copy", `oci:${REFERENCE}`, `${format}-archive:${path}${tag}`);
      return path;
    },
  };
}
