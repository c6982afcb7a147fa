// The rooms beside a service: namespaces in which commands of run-if-active work while the service does. Each is over when its
// guest leaves, and all of them when the service is (S16). Like the service, they are looked at until nothing is left.
import type { HostAnswer } from '../ports/keeper.ts';

export type Room = {
  /** Where the namespace is entered; null: it cannot be. Never rejects. */
  readonly path: Promise<string | null>;
  readonly terminate: () => void;
  /** SIGKILL to everything in it; repeated until `isGone`. */
  readonly kill: () => void;
  readonly isGone: () => boolean;
  /** `path` leads nowhere any more. */
  readonly close: () => void;
};

/** Nothing binds a command to the keeper where this is null. */
export type OpenRoom = ((onChange: () => void) => Room) | null;

type Guest = { readonly room: Room; readonly gone: AbortSignal; isOver: boolean };

/** More commands at once than a crontab begins in one minute. */
const ROOMS_MAX = 64;

export class KeptRooms {
  readonly #open: OpenRoom;
  readonly #wake: () => void;
  readonly #guests = new Set<Guest>();

  constructor(open: OpenRoom, wake: () => void) {
    this.#open = open;
    this.#wake = wake;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** `gone` aborts when the guest has left. */
  async host(gone: AbortSignal): Promise<HostAnswer> {
    if (this.#open === null) return refused('this keeper cannot bind a command to itself, see its log');
    if (this.#guests.size >= ROOMS_MAX) return refused(`there are ${ROOMS_MAX} commands beside this service already`);
    const guest: Guest = { room: this.#open(this.#wake), gone, isOver: gone.aborted };
    this.#guests.add(guest);
    gone.addEventListener('abort', () => this.#end(guest), { once: true });
    const namespace = await guest.room.path;
    if (namespace !== null && !guest.isOver) return { kind: 'hosted', namespace };
    this.#end(guest);
    return refused(namespace === null ? 'no pid namespace could be made' : 'the service has ended meanwhile');
  }

  terminate(): void {
    for (const { room } of this.#guests) room.terminate();
  }

  endAll(): void {
    for (const guest of this.#guests) guest.isOver = true;
  }

  /** Kills what is over, again, and returns whether anything of it is left. */
  look(): boolean {
    let isLeft = false;
    for (const guest of [...this.#guests].filter(({ isOver }) => isOver)) {
      guest.room.kill();
      if (!guest.room.isGone()) isLeft = true;
      else if (guest.gone.aborted) this.#forget(guest);
    }
    return isLeft;
  }

  /** A guest that stands still may still ask for the path that it was told: it stays what it was until the guest is gone. */
  #forget(guest: Guest): void {
    guest.room.close();
    this.#guests.delete(guest);
  }

  #end(guest: Guest): void {
    guest.isOver = true;
    this.#wake();
  }
}

function refused(reason: string): HostAnswer {
  return { kind: 'refused', reason: `Cannot host the command: ${reason}` };
}
