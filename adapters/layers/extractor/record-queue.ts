/** Positions are counted in these, so that 32 bits last. */
const UNIT_BYTES = 8;
const CONTROL_BYTES = 64;
/** Indexes of the 32-bit words at the front. */
const HEAD = 0;
const TAIL = 1;
const PRODUCER_WAITS = 2;
const CONSUMER_WAITS = 3;
const STATE = 4;

const WORKING = 1;
const FAILED = 2;

/** Thrown to the producer when the consumer has failed; what it failed of, the consumer says elsewhere. */
export class ConsumerFailed extends Error {}

/** The memory of a queue for records of up to a quarter of its size. @param sizeBytes a power of two */
export function createQueueMemory(sizeBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + sizeBytes);
}

/**
 * The two ends of a queue of records in shared memory, for one thread each. Both block when they have to wait: the
 * producer for room, the consumer for records. A record lies in one piece, and stays until the consumer is done with it.
 */
class QueueEnd {
  readonly view: DataView;
  protected readonly control: Int32Array;
  protected readonly units: number;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.view = new DataView(memory, CONTROL_BYTES);
    this.units = (memory.byteLength - CONTROL_BYTES) / UNIT_BYTES;
  }

  protected byteAt(position: number): number {
    return (position & (this.units - 1)) * UNIT_BYTES;
  }

  /** Sets one end's position and wakes the other end where it waits for that. */
  protected moveTo(word: number, position: number, waiting: number): void {
    Atomics.store(this.control, word, position);
    if (Atomics.load(this.control, waiting) !== 0) Atomics.notify(this.control, word);
  }

  /** Blocks until a word is no longer as it was seen, or has changed since. */
  protected wait(word: number, seen: number, waiting: number, timeoutMs?: number): void {
    Atomics.store(this.control, waiting, 1);
    Atomics.wait(this.control, word, seen, timeoutMs);
    Atomics.store(this.control, waiting, 0);
  }
}

export class QueueProducer extends QueueEnd {
  #head = 0;
  #reserved = 0;

  /** Whether somebody takes what is put in. */
  get isServed(): boolean {
    return Atomics.load(this.control, STATE) === WORKING;
  }

  /** How far records were put in; for `waitUntil`. */
  get position(): number {
    return this.#head;
  }

  /** The largest record, in bytes: four of them fit. */
  get maxRecordBytes(): number {
    return (this.units * UNIT_BYTES) / 4;
  }

  /**
   * Where in `view` the next record of that many bytes may be written; `commit` puts it in.
   * @throws {ConsumerFailed}
   */
  reserve(bytes: number): number {
    const units = Math.ceil(bytes / UNIT_BYTES) + 1;
    const toEnd = this.units - (this.#head & (this.units - 1));
    // A record lies in one piece: what is too little for it at the end is passed over.
    if (toEnd < units) {
      this.#waitForRoom(toEnd);
      this.view.setUint32(this.byteAt(this.#head), 0);
      this.#advance(toEnd);
    }
    this.#waitForRoom(units);
    this.view.setUint32(this.byteAt(this.#head), units);
    this.#reserved = units;
    return this.byteAt(this.#head) + UNIT_BYTES;
  }

  commit(): void {
    this.#advance(this.#reserved);
  }

  /** Blocks until everything up to a position is done with. @throws {ConsumerFailed} */
  waitUntil(position: number): void {
    for (;;) {
      const tail = this.#tail();
      if (((tail - position) | 0) >= 0) return;
      this.wait(TAIL, tail, PRODUCER_WAITS);
    }
  }

  #waitForRoom(units: number): void {
    for (;;) {
      const tail = this.#tail();
      if (((this.#head - tail) | 0) + units <= this.units) return;
      this.wait(TAIL, tail, PRODUCER_WAITS);
    }
  }

  #tail(): number {
    const tail = Atomics.load(this.control, TAIL);
    if (Atomics.load(this.control, STATE) === FAILED) throw new ConsumerFailed("the other end of the queue has failed");
    return tail;
  }

  #advance(units: number): void {
    this.#head = (this.#head + units) | 0;
    this.moveTo(HEAD, this.#head, CONSUMER_WAITS);
  }
}

export class QueueConsumer extends QueueEnd {
  #tail = 0;
  #taken = 0;

  /** From now on somebody takes what is put in. */
  begin(): void {
    Atomics.store(this.control, STATE, WORKING);
  }

  /** Blocks for the next record; where in `view` it begins. */
  take(): number {
    for (;;) {
      const head = Atomics.load(this.control, HEAD);
      if (head === this.#tail) this.wait(HEAD, head, CONSUMER_WAITS);
      else {
        const at = this.byteAt(this.#tail);
        const units = this.view.getUint32(at);
        this.#taken = units === 0 ? this.units - (this.#tail & (this.units - 1)) : units;
        if (units !== 0) return at + UNIT_BYTES;
        this.done();
      }
    }
  }

  /** The record that was taken last is not needed any more. */
  done(): void {
    this.#tail = (this.#tail + this.#taken) | 0;
    this.moveTo(TAIL, this.#tail, PRODUCER_WAITS);
  }

  /** Nothing is taken any more. */
  fail(): void {
    Atomics.store(this.control, STATE, FAILED);
    // a position that is no position: whoever waits for the tail to move looks again
    Atomics.store(this.control, TAIL, (this.#tail - 1) | 0);
    Atomics.notify(this.control, TAIL);
  }
}
