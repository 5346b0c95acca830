import { ImgstoreError } from "./errors.ts";
import { type ImageArchiveSource, parseImageArchive, withAbsoluteArchive } from "./image-archive/archive-source.ts";
import { printable } from "./names.ts";

/** Where an image comes from, parsed. */
export type Source = StreamSource | ImageArchiveSource;

/** A source whose bytes are stored as they come: a tar of a root file system. */
export type StreamSource =
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "file"; readonly path: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const URL_PARTS =
  /^(https?):\/\/(?:([^/?#@]*)@)?([^/?#@:\s]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^?#]*)?(\?[^#]*)?(?:#.*)?$/i;
const NOT_YET = new Set(["s3", "oci-layout", "oci"]);

/**
 * A SOURCE as a person gives it: an http(s) URL, a `file:///` URL, an absolute path, or an archive of images. Relative
 * paths are made absolute by the command line, which alone knows the working directory.
 * @throws {ImgstoreError} INVALID_SOURCE, UNSUPPORTED_SOURCE
 */
export function parseSource(text: string): Source {
  // oxlint-disable-next-line no-control-regex -- a control character in a source is never meant
  if (text === "" || text.length > 8192 || /[\u0000-\u001f\u007f]/.test(text)) throw invalid(text);
  if (text.startsWith("/")) return { kind: "file", path: text };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return parseHttp(text);
  if (scheme === "file") return parseFileUrl(text);
  const archive = parseImageArchive(text);
  if (archive !== null) return archive;
  if (scheme !== undefined && NOT_YET.has(scheme)) {
    throw new ImgstoreError("UNSUPPORTED_SOURCE", `sources of the kind ${scheme}: are not supported by this version`, {
      hint: "give an http(s) URL or a file with a tar of a root file system, or docker-archive:PATH or oci-archive:PATH",
    });
  }
  throw invalid(text);
}

/**
 * A SOURCE with its path made absolute, where it has one. What has no scheme is a path.
 * @param absolute as a path is against the working directory
 */
export function withAbsolutePath(text: string, absolute: (path: string) => string): string {
  if (text === "") return text;
  return SCHEME.test(text) ? withAbsoluteArchive(text, absolute) : absolute(text);
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
    hint: "an http:// or https:// URL, a file:/// URL, the path of a file, docker-archive:PATH or oci-archive:PATH",
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
  return SCHEME.test(source) && !/^(?:file|docker-archive|oci-archive):/i.test(source)
    ? hideSecrets(source.replace(/\/\/.*@/s, "//***@"))
    : source;
}

function hideSecrets(query: string): string {
  return query.replaceAll(/([?&])([^=&]*)=([^&]*)/g, (all, separator: string, key: string) =>
    SECRET_PARAMETER.test(key) ? `${separator}${key}=***` : all,
  );
}
