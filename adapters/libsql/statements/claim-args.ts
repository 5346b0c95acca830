import type { RecordedError } from "../../../core/errors.ts";
import type { Claim, Progress } from "../../../core/ports/image-rows.ts";
import type { Args } from "../statement.ts";

/** What every write under a claim repeats. */
export function claimArgs(node: string, claim: Claim): Args {
  return {
    node,
    id: claim.placementId,
    name: claim.name,
    state: claim.state,
    version: claim.version,
    fence: claim.fence,
    worker: claim.worker,
  };
}

/** NULLs where there is nothing to report. */
export function progressArgs(progress: Progress | null): Args {
  return { done_bytes: progress?.doneBytes ?? null, total_bytes: progress?.totalBytes ?? null };
}

/** NULLs where nothing went wrong. */
export function errorArgs(error: RecordedError | undefined): Args {
  return {
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    error_hint: error?.hint ?? null,
  };
}
