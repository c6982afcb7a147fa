// What an operation is called in front of people: a rejoin has no target, a rollback has two, and some have nothing left to start.
import type { Operation } from './operation.ts';

type Titled = Pick<Operation, 'kind' | 'from' | 'to' | 'rollback' | 'tried' | 'clear'>;

export function operationTitle({ kind, from, to, rollback, tried, clear }: Titled): string {
  switch (kind) {
    case 'rejoin':
    case 'release':
    case 'restart':
    case 'return':
    case 'drain':
    case 'undrain':
      return `${kind} of ${from ?? 'none'}`;
    case 'fenceTest':
      return `fence test of ${from ?? 'none'}`;
    case 'adopt':
      return `${kind} of ${to ?? 'none'}`;
    case 'answer':
      return from === null ? `answer with ${to}` : `answer without ${from}`;
    case 'mend':
      return 'repair of the record';
    case 'check':
      return 'check of a failover';
    case 'conflict':
      return to === null ? 'conflict, every instance is stopped' : `conflict, ${to} is kept`;
    default:
      break;
  }
  if (rollback) {
    const towards = tried.at(-1);
    return `${kind}${towards === undefined ? '' : ` to ${towards}`}, going back to ${to ?? 'none'}`;
  }
  if (to !== null) return `${kind} ${from ?? 'none'} -> ${to}`;
  const [stopping] = clear;
  return `${kind}, no node left to start${stopping === undefined ? '' : `; it stops ${stopping}`}`;
}
