import { ImgstoreError } from "../../core/errors.ts";

/** What is to be said of ACTIVE images whose mounts cannot be seen from here. */
export function otherNamespace(count: number): ImgstoreError {
  const images = count === 1 ? "1 ACTIVE image is" : `${count} ACTIVE images are`;
  return new ImgstoreError(
    "OTHER_NAMESPACE",
    `${images} mounted in another mount namespace: nothing is said of them here`,
    {
      hint: "sweep where they were mounted, as in `nsenter --target PID --mount -- imgstore sweep`; `imgstore history` names the worker",
    },
  );
}
