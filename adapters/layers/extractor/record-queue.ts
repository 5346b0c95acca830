/** Positions are counted in these, so that 32 bits last. */
const UNIT_BYTES = 8;
const CONTROL_BYTES = 64;
/** Indexes of the 32-bit words at the front: positions, and what the ends sleep on. */
const HEAD = 0;
const TAIL = 1;
const CONSUMER_SLEEPS = 2;
const PRODUCER_SLEEPS = 3;
const PRODUCER_WANTS = 4;
const PRODUCER_BELL = 5;
const STATE = 6;

const WORKING = 1;
const FAILED = 2;

/** Thrown to the producer when the consumer has failed; what it failed of, the consumer says elsewhere. */
export class ConsumerFailed extends Error {}

/** The memory of a queue for records of up to a quarter of its size. @param sizeBytes a power of two */
export function createQueueMemory(sizeBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + sizeBytes);
}

/** Records are shown to the consumer in lots of this many units: waking it costs as much as a small record. */
const LOT_UNITS = 512;

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
}

export class QueueProducer extends QueueEnd {
  #head = 0;
  /** How far the consumer may look. */
  #shown = 0;
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
      this.#head = (this.#head + toEnd) | 0;
    }
    this.#waitForRoom(units);
    this.view.setUint32(this.byteAt(this.#head), units);
    this.#reserved = units;
    return this.byteAt(this.#head) + UNIT_BYTES;
  }

  /** The record is whole; the consumer sees it with the next lot, or with `show`. */
  commit(): void {
    this.#head = (this.#head + this.#reserved) | 0;
    if (((this.#head - this.#shown) | 0) >= LOT_UNITS) this.show();
  }

  /** Lets the consumer see everything that was put in. */
  show(): void {
    if (this.#shown === this.#head) return;
    this.#shown = this.#head;
    Atomics.store(this.control, HEAD, this.#head);
    if (Atomics.load(this.control, CONSUMER_SLEEPS) !== 0) Atomics.notify(this.control, HEAD);
  }

  /** Blocks until everything up to a position is done with. @throws {ConsumerFailed} */
  waitUntil(position: number): void {
    if (isReached(this.#tail(), position)) return;
    this.show();
    for (;;) {
      const bell = Atomics.load(this.control, PRODUCER_BELL);
      Atomics.store(this.control, PRODUCER_WANTS, position);
      Atomics.store(this.control, PRODUCER_SLEEPS, 1);
      // looked at after the word that asks to be woken: one of the two ends sees the other's
      const tail = this.#tail();
      if (!isReached(tail, position)) Atomics.wait(this.control, PRODUCER_BELL, bell);
      Atomics.store(this.control, PRODUCER_SLEEPS, 0);
      if (isReached(tail, position)) return;
    }
  }

  #waitForRoom(units: number): void {
    const mustBeDone = (this.#head + units - this.units) | 0;
    if (isReached(this.#tail(), mustBeDone)) return;
    // a quarter more: not to sleep again for the very next record
    this.waitUntil((mustBeDone + Math.min(this.units / 4, this.units - units)) | 0);
  }

  #tail(): number {
    const tail = Atomics.load(this.control, TAIL);
    if (Atomics.load(this.control, STATE) === FAILED) throw new ConsumerFailed("the other end of the queue has failed");
    return tail;
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
      if (head === this.#tail) this.#sleep(head);
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
    Atomics.store(this.control, TAIL, this.#tail);
    if (Atomics.load(this.control, PRODUCER_SLEEPS) === 0) return;
    if (isReached(this.#tail, Atomics.load(this.control, PRODUCER_WANTS))) this.#ring();
  }

  /** Nothing is taken any more. */
  fail(): void {
    Atomics.store(this.control, STATE, FAILED);
    this.#ring();
  }

  #sleep(head: number): void {
    Atomics.store(this.control, CONSUMER_SLEEPS, 1);
    Atomics.wait(this.control, HEAD, head);
    Atomics.store(this.control, CONSUMER_SLEEPS, 0);
  }

  #ring(): void {
    Atomics.add(this.control, PRODUCER_BELL, 1);
    Atomics.notify(this.control, PRODUCER_BELL);
  }
}

/** Positions go round after 2^31 of them; nothing is ever that far behind. */
function isReached(tail: number, position: number): boolean {
  return ((tail - position) | 0) >= 0;
}
