import { OPAQUE_XATTR } from "../../core/archive/xattrs.ts";
import { withDirectories } from "../linux/directory.ts";
import { readXattr } from "../linux/read-xattr.ts";

/** Whether a layer's directory hides what lower layers have in it. @throws {SystemCallError} as `openDirectory` */
export function isOpaque(path: string): boolean {
  return withDirectories([path], ([fd = -1]) => readXattr(fd, OPAQUE_XATTR)?.at(0) === "y".charCodeAt(0));
}
