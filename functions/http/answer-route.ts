import { asImgstoreError, ImgstoreError } from "../../core/errors.ts";
import { printable } from "../../core/names.ts";
import { problemAnswer } from "./problem.ts";
import type { Answer, RouteCall } from "./route-call.ts";
import { type LoadHandler, ROUTES } from "./routes.ts";

/** Told of errors that are ours, with their causes; the client sees the code only. */
export type OnInternalError = (error: ImgstoreError) => void;

/** Lets a route's handler answer; whatever it throws becomes a problem. */
export async function answerRoute(
  load: LoadHandler,
  call: RouteCall,
  onInternalError: OnInternalError,
): Promise<Answer> {
  try {
    const key = call.request.method === "GET" ? undefined : call.request.header("idempotency-key");
    if (key === undefined) return await (await load())(call);
    const { answerOnce } = await import("./idempotency.ts");
    return await answerOnce(key, call, await load());
  } catch (thrown) {
    return errorAnswer(thrown, onInternalError);
  }
}

export function errorAnswer(thrown: unknown, onInternalError: OnInternalError): Answer {
  const error = asImgstoreError(thrown);
  if (error.code !== "INTERNAL") return problemAnswer(error);
  onInternalError(error);
  return problemAnswer(new ImgstoreError("INTERNAL", "something went wrong here", { hint: "see the server's log" }));
}

/** Of a path that no route has. */
export function noSuchRoute(path: string): Answer {
  return problemAnswer(
    new ImgstoreError("NO_SUCH_ROUTE", `there is nothing at ${printable(path)}`, { hint: "see the routes under /v1" }),
  );
}

/** Of a route that is there, for other methods. */
export function wrongMethod(method: string, route: string): Answer {
  const methods = ROUTES.filter(([, path]) => path === route).map(([taken]) => taken);
  return problemAnswer(
    new ImgstoreError("METHOD_NOT_ALLOWED", `${route} does not take ${printable(method)}`, {
      hint: `it takes ${methods.join(", ")}`,
    }),
  );
}
