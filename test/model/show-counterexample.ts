// `npm run model -- --show MUTATION`: the shortest story in which the rule that is missing is missed.
import { join } from 'node:path';
import { buildVerifier, replay, search } from './build-verifier.ts';
import { formatReplay } from './format-replay.ts';
import { macrosOf, VARIANTS } from './variants.ts';

/** Null: there is no such mutation. */
export function showCounterexample(name: string, folder: string): string | null {
  const variant = VARIANTS.find(({ mutation }) => mutation?.macro === name);
  const mutation = variant?.mutation ?? null;
  const property = variant?.properties[0];
  if (variant === undefined || mutation === null || property === undefined) return null;
  const macros = macrosOf(variant);
  const place = join(folder, name);
  buildVerifier(place, macros, { progress: property === 'progress', order: 'shortest' });
  search(place, property);
  const title = `${name}: ${mutation.meaning} (${mutation.rule}). How ${property} is violated, nodes with ${variant.nodes}:`;
  return `${title}\n${formatReplay(replay(place, macros))}`;
}
