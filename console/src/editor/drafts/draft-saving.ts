import {
  type DraftEvent,
  type DraftState,
  isUnsaved,
  next,
  type Request,
  type Stored,
  type Trouble,
} from "./draft-state";

const AUTOSAVE_MS = 2_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

export interface DraftServer {
  save(request: Request & { kind: "save" }): Promise<{ etag: string; by: string; at: string }>;
  read(): Promise<Stored>;
  /** What a failed request means; null: someone else changed the draft. */
  troubleOf(error: unknown): Trouble | null;
}

/** Saves a draft: runs the requests and timers of its state. Made for useSyncExternalStore. */
export class DraftSaving {
  #state: DraftState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = 0;
  readonly #server: DraftServer;
  readonly #listeners = new Set<() => void>();

  constructor(start: DraftState, server: DraftServer) {
    this.#state = start;
    this.#server = server;
  }

  get state(): DraftState {
    return this.#state;
  }

  readonly snapshot = (): DraftState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly send = (event: DraftEvent): void => {
    const before = this.#state;
    this.#state = next(before, event);
    if (this.#state === before) return;
    const request = this.#state.request;
    if (request && request.id !== this.#running) {
      this.#running = request.id;
      void this.#run(request);
    }
    this.#schedule();
    for (const listener of this.#listeners) listener();
  };

  /** Go on with a text of an earlier visit. Before anything was sent. */
  resume(state: DraftState): void {
    this.#state = state;
    this.#schedule();
    for (const listener of this.#listeners) listener();
  }

  /** Begin: a text that was taken up again is to be saved. */
  start(): void {
    this.#schedule();
  }

  /** The page is left: nothing is tried any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { request, conflict, trouble, failures } = this.#state;
    if (request || conflict || !isUnsaved(this.#state)) return;
    if (trouble && trouble.kind !== "away") return;
    const delay = trouble ? Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS) : AUTOSAVE_MS;
    this.#timer = setTimeout(() => this.send({ type: "save" }), delay);
  }

  async #run(request: Request): Promise<void> {
    const { id } = request;
    try {
      if (request.kind === "read") this.send({ type: "read", id, stored: await this.#server.read() });
      else this.send({ type: "saved", id, ...(await this.#server.save(request)) });
    } catch (error) {
      const trouble = this.#server.troubleOf(error);
      this.send(trouble ? { type: "failed", id, trouble } : { type: "overtaken", id });
    }
  }
}
