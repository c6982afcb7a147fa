// The fence recipes of config/examples/fencing as a user copies them: below `actions:` of a service, in a configuration that oneup
// accepts. Tests put their own servers and files in the place of those that the recipe names.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ActionsConfig, FenceLevelConfig } from '../../src/config/config.ts';
import { acceptedConfig } from './config-text.ts';

/** Where the recipes and their scripts are. */
export const RECIPES = fileURLToPath(new URL('../../config/examples/fencing/', import.meta.url));

export function recipeNames(extension: 'yaml' | 'sh'): readonly string[] {
  return readdirSync(RECIPES).filter((name) => name.endsWith(`.${extension}`));
}

export function readRecipe(name: string): string {
  return readFileSync(`${RECIPES}${name}`, 'utf8');
}

/** The actions of node `a` with the recipe in force. Each change must find its text; scripts are those of the repository. */
export function recipeActions(name: string, changes: readonly (readonly [from: string, to: string])[]): ActionsConfig {
  let text = readRecipe(name);
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `${name} does not hold ${from}`);
    text = text.replaceAll(from, () => to);
  }
  text = text.replaceAll(/\/(?:etc\/oneup\/fencing|usr\/local\/lib\/oneup)\//g, () => RECIPES);
  const below = text.replaceAll(/^(?=.)/gm, '      ');
  const actions = acceptedConfig(`${AROUND}${below}`).services[0]?.nodes[0]?.actions;
  assert.ok(actions !== undefined);
  return actions;
}

/** Of a recipe that has one level. */
export function recipeLevel(name: string, changes: readonly (readonly [from: string, to: string])[]): FenceLevelConfig {
  const [level, ...others] = recipeActions(name, changes).fence;
  assert.ok(level !== undefined && others.length === 0, `${name} has one level`);
  return level;
}

/** Every attribute that a recipe asks of its nodes. */
const AROUND = `cluster:
  name: prod
  store: { kind: sqlite, path: var/oneup.db }
  probers: [{ id: p1, vantage: here, address: 192.0.2.10 }]
dns:
  listen: 127.0.0.1:5300
  zones: [{ name: ha.example.com., ns: [p1], hostmaster: ops.example.com. }]
services:
  web:
    record: { name: web.ha.example.com. }
    nodes:
      - { id: a, address: 192.0.2.21, instanceId: i-0aaa, instance: web-a, zone: europe-west1-b, hypervisor: kvm1.example.com, domain: web-a, bmc: bmc-a.example.com }
      - { id: b, address: 192.0.2.22, instanceId: i-0bbb, instance: web-b, zone: europe-west1-b, hypervisor: kvm2.example.com, domain: web-b, bmc: bmc-b.example.com }
    check: { http: "http://{address}:8080/" }
    actions:
      start: { exec: [start-web] }
`;
