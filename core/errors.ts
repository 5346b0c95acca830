/** Whether the machinery tries again by itself. */
export type RetryRule = "never" | "backoff";

export interface ErrorRule {
  readonly retry: RetryRule;
  readonly httpStatus: number;
  readonly exitCode: number;
}

/**
 * Every error code: whether the machinery retries it, its HTTP status, its exit status. Codes are never reworded.
 * Exit status: 1 failed, 2 usage, 3 no such image, 4 conflict, 5 still in progress, 6 the machine cannot.
 */
export const ERRORS = {
  // what was asked for
  INVALID_NAME: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_DIGEST: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_SOURCE: { retry: "never", httpStatus: 400, exitCode: 2 },
  UNSUPPORTED_SOURCE: { retry: "never", httpStatus: 400, exitCode: 2 },
  CHECKSUM_REQUIRED: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_TARGET: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_MOUNT_OPTIONS: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_SETTING: { retry: "never", httpStatus: 400, exitCode: 2 },
  INVALID_BODY: { retry: "never", httpStatus: 400, exitCode: 2 },
  USAGE: { retry: "never", httpStatus: 400, exitCode: 2 },
  LISTEN_REFUSED: { retry: "never", httpStatus: 400, exitCode: 2 },
  UNAUTHORIZED: { retry: "never", httpStatus: 401, exitCode: 1 },
  NO_SUCH_ROUTE: { retry: "never", httpStatus: 404, exitCode: 2 },
  NO_SUCH_MOVE: { retry: "never", httpStatus: 404, exitCode: 2 },
  METHOD_NOT_ALLOWED: { retry: "never", httpStatus: 405, exitCode: 2 },
  BODY_TOO_LARGE: { retry: "never", httpStatus: 413, exitCode: 2 },
  MALFORMED_REQUEST: { retry: "never", httpStatus: 400, exitCode: 2 },
  REQUEST_TIMEOUT: { retry: "never", httpStatus: 408, exitCode: 1 },
  HEADERS_TOO_LARGE: { retry: "never", httpStatus: 431, exitCode: 2 },
  UNSUPPORTED_MEDIA_TYPE: { retry: "never", httpStatus: 415, exitCode: 2 },
  NO_SUCH_IMAGE: { retry: "never", httpStatus: 404, exitCode: 3 },
  // who was first
  NAME_TAKEN: { retry: "never", httpStatus: 409, exitCode: 4 },
  ILLEGAL_MOVE: { retry: "never", httpStatus: 409, exitCode: 4 },
  LOST_RACE: { retry: "never", httpStatus: 409, exitCode: 4 },
  LEASED: { retry: "never", httpStatus: 409, exitCode: 4 },
  IN_USE: { retry: "backoff", httpStatus: 409, exitCode: 4 },
  NOT_ACTIVE: { retry: "never", httpStatus: 409, exitCode: 4 },
  PRECONDITION_FAILED: { retry: "never", httpStatus: 412, exitCode: 4 },
  IDEMPOTENCY_KEY_REUSED: { retry: "never", httpStatus: 422, exitCode: 4 },
  OTHER_NODE: { retry: "never", httpStatus: 421, exitCode: 4 },
  TIMED_OUT: { retry: "never", httpStatus: 504, exitCode: 5 },
  INTERRUPTED: { retry: "backoff", httpStatus: 503, exitCode: 5 },
  // the bytes
  SOURCE_NOT_FOUND: { retry: "never", httpStatus: 502, exitCode: 1 },
  SOURCE_FORBIDDEN: { retry: "never", httpStatus: 502, exitCode: 1 },
  SOURCE_REFUSED: { retry: "never", httpStatus: 502, exitCode: 1 },
  SOURCE_UNAVAILABLE: { retry: "backoff", httpStatus: 502, exitCode: 1 },
  SOURCE_STALLED: { retry: "backoff", httpStatus: 502, exitCode: 1 },
  SOURCE_CHANGED: { retry: "backoff", httpStatus: 502, exitCode: 1 },
  TOO_MANY_REDIRECTS: { retry: "never", httpStatus: 502, exitCode: 1 },
  INSECURE_REDIRECT: { retry: "never", httpStatus: 502, exitCode: 1 },
  DIGEST_MISMATCH: { retry: "never", httpStatus: 502, exitCode: 1 },
  SIZE_MISMATCH: { retry: "backoff", httpStatus: 502, exitCode: 1 },
  IMAGE_TOO_LARGE: { retry: "never", httpStatus: 502, exitCode: 1 },
  // the archive
  NOT_A_TAR: { retry: "never", httpStatus: 422, exitCode: 1 },
  EMPTY_ARCHIVE: { retry: "never", httpStatus: 422, exitCode: 1 },
  IMAGE_ARCHIVE: { retry: "never", httpStatus: 422, exitCode: 1 },
  NO_IMAGE: { retry: "never", httpStatus: 422, exitCode: 1 },
  NO_SUCH_TAG: { retry: "never", httpStatus: 422, exitCode: 1 },
  NO_SUCH_PLATFORM: { retry: "never", httpStatus: 422, exitCode: 1 },
  UNSUPPORTED_LAYER: { retry: "never", httpStatus: 422, exitCode: 1 },
  UNSUPPORTED_COMPRESSION: { retry: "never", httpStatus: 422, exitCode: 1 },
  CORRUPT_ARCHIVE: { retry: "never", httpStatus: 422, exitCode: 1 },
  UNSAFE_ARCHIVE: { retry: "never", httpStatus: 422, exitCode: 1 },
  LIMIT_EXCEEDED: { retry: "never", httpStatus: 422, exitCode: 1 },
  DEVICES_SKIPPED: { retry: "never", httpStatus: 422, exitCode: 1 },
  DIFF_ID_MISMATCH: { retry: "never", httpStatus: 422, exitCode: 1 },
  // the store and the machine
  STAGING_LOST: { retry: "never", httpStatus: 500, exitCode: 1 },
  BLOB_LOST: { retry: "never", httpStatus: 500, exitCode: 1 },
  LAYER_LOST: { retry: "never", httpStatus: 500, exitCode: 1 },
  LAYER_DAMAGED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  BLOB_DAMAGED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  NO_SPACE: { retry: "backoff", httpStatus: 507, exitCode: 5 },
  CONFINEMENT_FAILED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  EXTRACTOR_DIED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  IO_ERROR: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  ATTEMPTS_EXHAUSTED: { retry: "never", httpStatus: 500, exitCode: 1 },
  LEASE_EXPIRED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  CANCELLED: { retry: "never", httpStatus: 500, exitCode: 1 },
  MOUNT_FAILED: { retry: "backoff", httpStatus: 500, exitCode: 1 },
  NO_DRIVER: { retry: "never", httpStatus: 503, exitCode: 6 },
  NO_PRIVILEGE: { retry: "never", httpStatus: 503, exitCode: 6 },
  OTHER_NAMESPACE: { retry: "never", httpStatus: 503, exitCode: 6 },
  ROOT_NOT_WRITABLE: { retry: "never", httpStatus: 503, exitCode: 6 },
  ROOT_NOT_OURS: { retry: "never", httpStatus: 503, exitCode: 6 },
  NOT_A_DATABASE: { retry: "never", httpStatus: 503, exitCode: 6 },
  NEWER_SCHEMA: { retry: "never", httpStatus: 503, exitCode: 6 },
  DATABASE_BUSY: { retry: "backoff", httpStatus: 503, exitCode: 6 },
  DATABASE_UNREACHABLE: { retry: "backoff", httpStatus: 503, exitCode: 6 },
  SERVER_UNREACHABLE: { retry: "never", httpStatus: 503, exitCode: 6 },
  INTERNAL: { retry: "backoff", httpStatus: 500, exitCode: 1 },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorContext {
  /** What the person can do about it, as a sentence without a final period. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** A server's own word on when to come back, in milliseconds (Retry-After). */
  readonly retryAfterMs?: number;
}

/**
 * The one error this product throws. The message states what could not be done and quotes values; `code` and its rule
 * tell the program what to do, `hint` tells the person. Programmer errors stay plain `Error`.
 */
export class ImgstoreError extends Error {
  override readonly name = "ImgstoreError";
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? {} : { cause: context.cause });
    this.code = code;
    this.hint = context.hint ?? null;
    this.retryAfterMs = context.retryAfterMs ?? null;
  }
}

export function ruleOfError(code: ErrorCode): ErrorRule {
  return ERRORS[code];
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** What the database keeps of an error and the routes show. */
export interface RecordedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

export function recorded(error: ImgstoreError): RecordedError {
  return { code: error.code, message: error.message, hint: error.hint };
}

/** Any thrown value as an ImgstoreError: itself, or INTERNAL with the cause kept. */
export function asImgstoreError(thrown: unknown): ImgstoreError {
  if (thrown instanceof ImgstoreError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ImgstoreError("INTERNAL", `unexpected: ${message}`, { cause: thrown });
}
