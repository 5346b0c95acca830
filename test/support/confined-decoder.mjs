// Decodes what comes on stdin, as lines of base64, after its root has become an empty directory; run from dist/ because
// Node 20 cannot run the sources. Says the SHA-256 of the plain bytes of each as a line. Argument: DIRECTORY
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { loadCodecs } from "../../dist/adapters/layers/decompress/load-codecs.js";
import { openPlainBytes } from "../../dist/adapters/layers/decompress/open-plain-bytes.js";
import { declare } from "../../dist/adapters/linux/ffi.js";

const [directory] = process.argv.slice(2);
const archives = readFileSync(0, "latin1").trim().split("\n");
const chroot = declare("int chroot(const char *)");

loadCodecs();
if (chroot(directory) !== 0) throw new Error("it cannot be confined");
process.chdir("/");
if (readdirSync("/").length > 0) throw new Error("it is not confined");

for (const archive of archives) {
  const bytes = Buffer.from(archive, "base64");
  let readBytes = 0;
  const next = (into) => {
    const length = bytes.copy(into, 0, readBytes);
    readBytes += length;
    return length;
  };
  const plain = openPlainBytes({ readBytes: 0, peek: (length) => bytes.subarray(0, length), next });
  const hash = createHash("sha256");
  const slot = new Uint8Array(65536);
  for (let length = await plain.read(slot); length > 0; length = await plain.read(slot)) {
    hash.update(slot.subarray(0, length));
  }
  plain.close();
  process.stdout.write(`${hash.digest("hex")}\n`);
}
