/** The headers of an answer by lower-case name; null where one is missing or contradicts itself by coming twice. */
export interface AnswerHeaders {
  get(name: string): string | null;
}

/** Headers as undici gives them. */
export function answerHeaders(raw: Readonly<Record<string, string | string[] | undefined>>): AnswerHeaders {
  return {
    get: (name) => {
      const value = raw[name];
      return typeof value === "string" ? value.trim() : null;
    },
  };
}

/** Headers as they stand in the answer, names and values in turn: Node's own record of them drops what comes twice. */
export function rawAnswerHeaders(raw: readonly string[]): AnswerHeaders {
  return {
    get: (name) => {
      const values = raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
      return values.length === 1 ? (values[0]?.trim() ?? null) : null;
    },
  };
}
