// What every write of a controller is bound to: its session lives, and no higher term has begun (S8).
import type { StoreKeys } from '../base/store-keys.ts';
import type { Guard } from '../ports/store.ts';
import type { Tenure } from './controller-deps.ts';

export function termGuards(
  keys: StoreKeys,
  { session, termVersion }: Pick<Tenure, 'session' | 'termVersion'>,
): readonly Guard[] {
  return [
    { kind: 'sessionAlive', sessionId: session.id },
    { kind: 'version', key: keys.term, version: termVersion },
  ];
}
