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
