import { open } from "node:fs/promises";

/** Makes a directory's own attributes and the names in it durable. @throws {SystemCallError} */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
