/** What a Content-Range says: a part of the object, or with `first` null only its size. */
export type ContentRange =
  | { readonly first: number; readonly last: number; readonly totalBytes: number | null }
  | { readonly first: null; readonly totalBytes: number };

const PART = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;
const UNSATISFIED = /^bytes \*\/(\d{1,15})$/i;

/** A Content-Range header; null where it is missing, malformed or contradicts itself. @see RFC 9110, 14.4 */
export function parseContentRange(header: string | null): ContentRange | null {
  const unsatisfied = UNSATISFIED.exec(header ?? "");
  if (unsatisfied !== null) return { first: null, totalBytes: Number(unsatisfied[1]) };
  const part = PART.exec(header ?? "");
  if (part === null) return null;
  const [first, last] = [Number(part[1]), Number(part[2])];
  const totalBytes = part[3] === "*" ? null : Number(part[3]);
  if (last < first || (totalBytes !== null && last >= totalBytes)) return null;
  return { first, last, totalBytes };
}
