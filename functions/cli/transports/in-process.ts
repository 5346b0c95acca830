import type { Runtime } from "../../runtimes/runtime.ts";
import type { Exchange } from "../exchange.ts";

/** The routes of a runtime in this process. */
export function inProcess(runtime: Pick<Runtime, "call">): Exchange {
  return async (call) => {
    const { status, headers, body } = await runtime.call(call);
    return {
      call,
      status,
      contentType: headers["content-type"] ?? null,
      retryAfter: headers["retry-after"] ?? null,
      text: body,
    };
  };
}
