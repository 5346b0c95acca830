/** Called before each call of a wrapped port, with its name. */
export type Reach = (point: string) => void;

/** Calls that come by the clock, not by the work: a run has them in no order. */
const BY_THE_CLOCK = new Set(["heartbeat", "arrived", "mountPointOf", "here", "now", "monotonicMs"]);

/**
 * A port with a fault point before each call, and so have the things that its calls give and that have calls of their own
 * (a partial blob, an arriving tree). What is called is the real thing.
 */
export function withFaultPoints<T extends object>(port: T, name: string, reach: Reach): T {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (typeof key !== "string" || BY_THE_CLOCK.has(key)) return value.bind(target);
      return (...args: readonly unknown[]): unknown => {
        reach(`${name}.${key}`);
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) return result;
        return result.then((given) => (hasCalls(given) ? withFaultPoints(given, `${name}.${key}`, reach) : given));
      };
    },
  });
}

function hasCalls(given: unknown): given is object {
  if (typeof given !== "object" || given === null || Array.isArray(given) || given instanceof Map) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === Object.prototype ? Object.values(given).some((value) => typeof value === "function") : true;
}
