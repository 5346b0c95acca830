import type { Runtime } from "../../runtimes/runtime.ts";
import type { Exchange } from "../exchange.ts";

/** The routes of a runtime in this process, called as any server would call them. */
export function inProcess(runtime: Pick<Runtime, "fetch">): Exchange {
  return async (call) => {
    const response = await runtime.fetch(
      new Request(`http://localhost${call.path}`, {
        method: call.method,
        ...(call.body === undefined
          ? {}
          : { body: JSON.stringify(call.body), headers: { "content-type": "application/json" } }),
      }),
    );
    return {
      call,
      status: response.status,
      contentType: response.headers.get("content-type"),
      retryAfter: response.headers.get("retry-after"),
      text: await response.text(),
    };
  };
}
