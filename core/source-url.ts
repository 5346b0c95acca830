import { ImgstoreError } from "./errors.ts";
import { printable } from "./names.ts";

/** Where an image comes from, parsed. `docker-archive` and `oci-archive` are named so that they are refused by name. */
export type Source = { readonly kind: "http"; readonly url: string } | { readonly kind: "file"; readonly path: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const URL_PARTS =
  /^(https?):\/\/(?:([^/?#@]*)@)?([^/?#@:\s]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^?#]*)?(\?[^#]*)?(?:#.*)?$/i;
const NOT_YET = new Set(["s3", "docker-archive", "oci-archive", "oci-layout", "oci"]);

/**
 * A SOURCE as a person gives it: an http(s) URL, a `file:///` URL or an absolute path. Relative paths are made absolute
 * by the command line, which alone knows the working directory.
 * @throws {ImgstoreError} INVALID_SOURCE, UNSUPPORTED_SOURCE
 */
export function parseSource(text: string): Source {
  // oxlint-disable-next-line no-control-regex -- a control character in a source is never meant
  if (text === "" || text.length > 8192 || /[\u0000-\u001f\u007f]/.test(text)) throw invalid(text);
  if (text.startsWith("/")) return { kind: "file", path: text };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return parseHttp(text);
  if (scheme === "file") return parseFileUrl(text);
  if (scheme !== undefined && NOT_YET.has(scheme)) {
    throw new ImgstoreError("UNSUPPORTED_SOURCE", `sources of the kind ${scheme}: are not supported by this version`, {
      hint: "give an http(s) URL or a file with a tar of a root file system, plain or compressed (gzip, zstd, xz, bzip2)",
    });
  }
  throw invalid(text);
}

function parseHttp(text: string): Source {
  const parts = URL_PARTS.exec(text);
  if (parts === null || Number(parts[4] ?? 1) > 65535 || Number(parts[4] ?? 1) === 0) throw invalid(text);
  return { kind: "http", url: text };
}

function parseFileUrl(text: string): Source {
  const path = /^file:\/\/(?:localhost)?(\/.*)$/i.exec(text)?.[1];
  if (path === undefined) throw invalid(text);
  try {
    const decoded = decodeURIComponent(path);
    if (!decoded.includes("\0")) return { kind: "file", path: decoded };
  } catch {
    // a broken percent escape: refused below
  }
  throw invalid(text);
}

function invalid(text: string): ImgstoreError {
  return new ImgstoreError("INVALID_SOURCE", `"${printable(redacted(text))}" is not a source`, {
    hint: "an http:// or https:// URL, a file:/// URL, or the path of a file",
  });
}

const SECRET_PARAMETER = /sig|token|key|secret|password|credential|auth|security/i;

/** A source as it may be shown and logged: user info and values of query parameters that look like secrets are hidden. */
export function redacted(source: string): string {
  const parts = URL_PARTS.exec(source);
  if (parts === null) return redactedRoughly(source);
  const [, scheme, user, host, port, path, query] = parts;
  const shownUser = user === undefined ? "" : "***@";
  return `${scheme}://${shownUser}${host}${port === undefined ? "" : `:${port}`}${path ?? ""}${hideSecrets(query ?? "")}`;
}

/** Of what is no http(s) URL: everything up to the last @ goes, because a password may hold any character. */
function redactedRoughly(source: string): string {
  return SCHEME.test(source) && !/^file:/i.test(source) ? hideSecrets(source.replace(/\/\/.*@/s, "//***@")) : source;
}

function hideSecrets(query: string): string {
  return query.replaceAll(/([?&])([^=&]*)=([^&]*)/g, (all, separator: string, key: string) =>
    SECRET_PARAMETER.test(key) ? `${separator}${key}=***` : all,
  );
}
