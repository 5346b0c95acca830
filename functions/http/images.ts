import type { Context, Hono } from "hono";
import { ImgstoreError } from "../../core/errors.ts";
import { STATES, type State } from "../../core/lifecycle/image.ts";
import { parseName, printable } from "../../core/names.ts";
import type { ListFilter, Placement } from "../../core/ports/image-rows.ts";
import { changeTarget, type TargetWish } from "../change-target.ts";
import { drive } from "../drive.ts";
import type { Engine } from "../engine.ts";
import { checkRegistration, register } from "../registration.ts";
import { imageResponse } from "./answers.ts";
import { readBody } from "./body.ts";
import { etagOf, toHistoryJson, toImageJson } from "./image-json.ts";
import { preferredWaitMs, prefersWaiting } from "./request-budget.ts";
import type { ImageListJson } from "./wire.ts";

/** Reading images and saying where they are to go. */
export function addImageRoutes(app: Hono, engine: Engine): void {
  app.get("/v1/images", (c) => listImages(engine, c));
  app.get("/v1/images/:name", async (c) => imageResponse(engine, await loadNamed(engine, nameOf(c))));
  app.get("/v1/images/:name/history", (c) => readHistory(engine, c));
  app.put("/v1/images/:name", (c) => putImage(engine, c));
  app.patch("/v1/images/:name", async (c) => {
    const { target, fresh, force } = await readBody(c.req.raw, "patch");
    return retarget(engine, c, { target, isFresh: fresh === true, isForced: force === true });
  });
  app.delete("/v1/images/:name", (c) => retarget(engine, c, { target: "REMOVED" }));
}

/**
 * The name in a route's path.
 * @throws {ImgstoreError} INVALID_NAME
 */
export function nameOf(c: Context): string {
  return parseName(c.req.param("name") ?? "");
}

/**
 * This node's image of that name.
 * @throws {ImgstoreError} NO_SUCH_IMAGE
 */
export async function loadNamed(engine: Engine, name: string): Promise<Placement> {
  const placement = await engine.images.load(name);
  if (placement !== null) return placement;
  throw new ImgstoreError("NO_SUCH_IMAGE", `there is no image "${name}" on ${engine.settings.node}`, {
    hint: "`imgstore list` shows those there are",
  });
}

/**
 * Refuses a change of what the client has not seen.
 * @throws {ImgstoreError} PRECONDITION_FAILED
 */
export function requireMatch(c: Context, placement: Placement): void {
  const condition = c.req.header("if-match");
  if (condition === undefined) return;
  const tags = condition.split(",").map((tag) => tag.trim());
  if (tags.includes("*") || tags.includes(etagOf(placement))) return;
  throw new ImgstoreError("PRECONDITION_FAILED", `"${placement.name}" is ${etagOf(placement)} now`, {
    hint: "read it again and repeat the request with its new ETag",
  });
}

async function listImages(engine: Engine, c: Context): Promise<Response> {
  const { placements, nextCursor } = await engine.images.list(listFilterOf(c));
  const list: ImageListJson = { images: placements.map((placement) => toImageJson(engine, placement)), nextCursor };
  return Response.json(list, { headers: { "cache-control": "no-store" } });
}

function listFilterOf(c: Context): ListFilter {
  const { state, node, cursor, limit } = c.req.query();
  const isNumber = limit === undefined || /^[1-9]\d{0,3}$/.test(limit);
  if (!isNumber) throw badQuery("limit", limit, "a whole number from 1 to 9999");
  return {
    limit: Number(limit ?? 1000),
    ...(state === undefined ? {} : { state: parseState(state) }),
    ...(node === undefined ? {} : { node }),
    ...(cursor === undefined ? {} : { cursor: parseName(cursor) }),
  };
}

function parseState(text: string): State {
  const state = STATES.find((candidate) => candidate === text.toUpperCase());
  if (state !== undefined) return state;
  throw badQuery("state", text, `one of ${STATES.join(", ")}`);
}

function badQuery(parameter: string, value: string, takes: string): ImgstoreError {
  return new ImgstoreError("INVALID_BODY", `${parameter} is "${printable(value)}"`, { hint: `it takes ${takes}` });
}

async function readHistory(engine: Engine, c: Context): Promise<Response> {
  const name = nameOf(c);
  const rows = await engine.images.history(name, c.req.query("all") === undefined ? "latest" : "all");
  if (rows.length === 0) await loadNamed(engine, name);
  return Response.json(rows.map(toHistoryJson), { headers: { "cache-control": "no-store" } });
}

async function putImage(engine: Engine, c: Context): Promise<Response> {
  const wanted = checkRegistration({ ...(await readBody(c.req.raw, "put")), name: nameOf(c) });
  if (c.req.header("if-match") !== undefined) requireMatch(c, await loadNamed(engine, wanted.name));
  const { isNew, placement } = await register(engine, wanted);
  return imageResponse(engine, placement, isNew ? 201 : 200);
}

/** 202 at once; with `Prefer: wait` 200 when the target is reached in time. */
async function retarget(engine: Engine, c: Context, wish: TargetWish): Promise<Response> {
  const seen = await loadNamed(engine, nameOf(c));
  requireMatch(c, seen);
  const placement = await changeTarget(engine, seen, wish);
  await engine.images.wake(placement.id);
  if (!prefersWaiting(c.req.raw)) return imageResponse(engine, placement, 202);
  const waitMs = preferredWaitMs(c.req.raw) ?? engine.settings.requestBudgetMs;
  const reached = await drive(engine, placement, waitMs);
  if (reached === null) return goneResponse(engine, placement);
  return imageResponse(engine, reached, reached.state === wish.target ? 200 : 202);
}

function goneResponse(engine: Engine, placement: Placement): Response {
  return Response.json({ ...toImageJson(engine, placement), state: "REMOVED", dueAtMs: null });
}
