import type { Hono } from "hono";
import { asImgstoreError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";
import { problemResponse } from "./problem.ts";

/** Liveness (the process answers) and readiness (database and store answer). */
export function addHealthRoutes(app: Hono, engine: Engine): void {
  app.get("/healthz", () => Response.json({ status: "ok" }));
  app.get("/readyz", async () => {
    try {
      await engine.images.list({ limit: 1 });
      await (await engine.disk()).layers.listUnfinished();
      return Response.json({ status: "ready" });
    } catch (error) {
      return problemResponse(asImgstoreError(error));
    }
  });
}
