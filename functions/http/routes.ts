import type { Handler } from "./route-call.ts";

export type LoadHandler = () => Promise<Handler>;

export type Method = "GET" | "PUT" | "PATCH" | "DELETE" | "POST";

/** Every route. A handler is loaded when it is first called: whoever only reads loads nothing that writes. */
export const ROUTES: readonly (readonly [Method, string, LoadHandler])[] = [
  ["GET", "/healthz", async () => (await import("./health.ts")).answerAlive],
  ["GET", "/readyz", async () => (await import("./health.ts")).answerReady],
  ["GET", "/v1/images", async () => (await import("./read-images.ts")).listImages],
  ["GET", "/v1/images/:name", async () => (await import("./read-images.ts")).readImage],
  ["PUT", "/v1/images/:name", async () => (await import("./write-images.ts")).putImage],
  ["PATCH", "/v1/images/:name", async () => (await import("./write-images.ts")).patchImage],
  ["DELETE", "/v1/images/:name", async () => (await import("./write-images.ts")).deleteImage],
  ["GET", "/v1/images/:name/history", async () => (await import("./read-images.ts")).readHistory],
  ["POST", "/v1/images/:name/transitions/:move", async () => (await import("./transitions.ts")).makeTransition],
  ["POST", "/v1/images/:name/advance", async () => (await import("./transitions.ts")).advance],
  ["POST", "/v1/sweep", async () => (await import("./sweeps.ts")).makeSweep],
  ["POST", "/v1/gc", async () => (await import("./sweeps.ts")).makeGc],
  ["POST", "/v1/verify", async () => (await import("./verification.ts")).makeVerification],
];
