// The connection to the keeper that keeps a command alive: the keeper makes a namespace for it, kills that at the deadline of the
// service or when the service stops, and as soon as this connection ends (S16).
import { dirname, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { openLink } from '../keeper/keeper-link.ts';
import { type KeeperRequest, keeperPaths, PROTOCOL, type WireHello } from '../keeper/keeper-protocol.ts';
import { pidNamespaceOf } from '../keeper/process-table.ts';
import type { HostAnswer } from '../ports/keeper.ts';

export type HeldRoom = {
  readonly namespace: string;
  /** Resolves when the keeper is gone, or has closed the connection. */
  readonly lost: Promise<void>;
  readonly close: () => void;
};

export type HoldRoomOptions = {
  readonly statePath: string;
  readonly service: string;
  readonly epoch: number;
  readonly clock: Clock;
};

/** A namespace stands within milliseconds; the keeper itself gives up after ten seconds. */
const ANSWER_MAX_MS = 15_000;

/** Never rejects. The error is the reason. */
export async function holdRoom({
  statePath,
  service,
  epoch,
  clock,
}: HoldRoomOptions): Promise<Result<HeldRoom, string>> {
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  const { socket } = keeperPaths(dirname(resolve(statePath)));
  const link = openLink(socket, { onExit: () => {}, onLost: lose });
  const patience = new AbortController();
  const timer = clock.timer(ANSWER_MAX_MS, () => patience.abort(new Error('it does not answer')));
  const ask = (request: KeeperRequest) => link.ask(request, patience.signal);
  try {
    const hello = (await ask({ kind: 'hello' })) as WireHello;
    const foreign = findForeign(hello);
    const answer = foreign === null ? ((await ask({ kind: 'host', service, epoch })) as HostAnswer) : null;
    if (answer?.kind === 'hosted') return ok({ namespace: answer.namespace, lost, close: link.close });
    link.close();
    return err(foreign ?? (answer?.kind === 'refused' ? answer.reason : 'the keeper answers something else'));
  } catch (error) {
    link.close();
    return err(`no keeper answers at ${socket}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    timer.stop();
  }
}

/** Process ids and namespaces of the keeper must mean the same to us. */
function findForeign({ protocol, pid }: WireHello): string | null {
  if (protocol !== PROTOCOL) return `the keeper speaks protocol ${protocol}, and this is ${PROTOCOL}`;
  const [own, its] = [pidNamespaceOf('self'), pidNamespaceOf(pid)];
  return own !== null && own === its ? null : 'this is not the pid namespace of the keeper';
}
