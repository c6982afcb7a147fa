// Loads the simulation with one rule left out: the hook edits the source of oneup as it is loaded, under an address of its
// own, so one process can play several variants and the files stay what they are. Nothing in oneup knows of it.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Edit } from './mutation.ts';
import { MUTATIONS } from './mutations.ts';
import type { runSeed } from './run-seed.ts';

const ROOT = new URL('../../', import.meta.url).href;
const PARAMETER = '?without=';
export const PRODUCT = ['src', 'providers'] as const;
/** Where rules can be left out: in the simulated keeper and line of an agent too. */
export const EDITED = [...PRODUCT, 'test/sim/agent'] as const;

export async function loadRunSeed(mutation: string | null): Promise<typeof runSeed> {
  if (mutation === null) return (await import('./run-seed.ts')).runSeed;
  register();
  const { href } = new URL('./run-seed.ts', import.meta.url);
  const loaded = (await import(`${href}${PARAMETER}${mutation}`)) as { readonly runSeed: typeof runSeed };
  return loaded.runSeed;
}

/** The text with the edits made that fit it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits.reduce((edited, { find, replace }) => edited.replace(find, () => replace), text);
}

let isRegistered = false;

function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const [, mutation] = (context.parentURL ?? '').split(PARAMETER);
      const isOurs = resolved.url.startsWith(ROOT) && !resolved.url.includes('/node_modules/');
      if (mutation === undefined || !isOurs || resolved.url.includes(PARAMETER)) return resolved;
      return { ...resolved, url: `${resolved.url}${PARAMETER}${mutation}` };
    },
    load: (url, context, next) => {
      const [address = '', mutation] = url.split(PARAMETER);
      if (mutation === undefined) return next(url, context);
      return { format: 'module-typescript', source: sourceWithout(mutation, address), shortCircuit: true };
    },
  });
}

function sourceWithout(mutation: string, address: string): string {
  const found = MUTATIONS.find(({ id }) => id === mutation);
  if (found === undefined) throw new RangeError(`Cannot leave out a rule: value was ${mutation}`);
  const text = readFileSync(fileURLToPath(address), 'utf8');
  const isEdited = EDITED.some((folder) => address.startsWith(`${ROOT}${folder}/`));
  return isEdited ? applyEdits(text, found.edits) : text;
}
