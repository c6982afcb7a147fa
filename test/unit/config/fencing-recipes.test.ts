// Every fence recipe is one that oneup accepts, is proven by a query of its own, and is explained in docs/fencing.md; every
// script is one that a POSIX shell reads and that refuses what it cannot understand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RECIPES, readRecipe, recipeActions, recipeNames } from '../../support/fencing-recipe.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../../docs/fencing.md', import.meta.url)), 'utf8');
const SCRIPTS = recipeNames('sh');
/** Recipes that are only parsed here say so in their first lines. */
const ONLY_PARSED = ['aws-ec2.yaml', 'gcp-compute.yaml', 'ipmi.yaml', 'libvirt.yaml', 'systemd-mask.yaml'];

describe('fence recipes', () => {
  for (const name of recipeNames('yaml')) {
    test(`${name} is accepted, has a confirm query, and says whether it was ever run`, () => {
      const { fence } = recipeActions(name, []);
      assert.ok(fence.length > 0);
      for (const { act, confirm } of fence) {
        assert.ok(confirm !== null && confirm.offStates.length > 0, 'a level without a query proves nothing (S18)');
        assert.notDeepEqual(act, confirm.query, 'the query is not the command');
      }
      assert.equal(/Not run in the tests/.test(readRecipe(name)), ONLY_PARSED.includes(name));
      assert.ok(PAGE.includes(`config/examples/fencing/${name}`), `docs/fencing.md does not name ${name}`);
    });

    test(`${name} names scripts that are there`, () => {
      const named = [...readRecipe(name).matchAll(/\/([a-z-]+\.sh)\b/g)].map(([, script = '']) => script);
      assert.deepEqual(
        named.filter((script) => !SCRIPTS.includes(script)),
        [],
      );
    });
  }
});

describe('fence scripts', () => {
  for (const name of SCRIPTS) {
    const run = (...words: readonly string[]) =>
      spawnSync(`${RECIPES}${name}`, words, { encoding: 'utf8', timeout: 10_000, env: { PATH: process.env.PATH } });

    test(`${name} is executable POSIX shell whose head shows how to call it`, () => {
      const text = readRecipe(name);
      assert.ok((statSync(`${RECIPES}${name}`).mode & 0o111) === 0o111);
      assert.match(text, /^#!\/bin\/sh\n# /);
      assert.match(text, new RegExp(`^# {3}${name} (?:fence|stop) `, 'm'));
      assert.equal(spawnSync('sh', ['-n', `${RECIPES}${name}`]).status, 0);
    });

    test(`${name} prints no state for words that it does not understand`, () => {
      const third = name.startsWith('mariadb') ? ['/nowhere'] : [];
      const lines = [
        [],
        ['state'],
        ['state', '', ...third],
        ['explode', 'web.service', ...third],
        ['state', 'a', 'b', 'c'],
      ];
      for (const words of lines) {
        const { status, stdout, stderr } = run(...words);
        assert.deepEqual([status, stdout], [2, ''], words.join(' '));
        assert.match(stderr, new RegExp(`^usage: ${name} `));
      }
    });
  }

  test('names that could be more than a name are refused before anything is asked', () => {
    for (const [name, ...words] of [
      ['mariadb-account.sh', 'state', "x' or '1", '/nowhere'],
      ['nftables-drop.sh', 'fence', '192.0.2.1 }; flush ruleset'],
      ['user-processes.sh', 'stop', 'root'],
      ['user-processes.sh', 'stop', '0'],
      ['user-processes.sh', 'stop', '-f'],
      ['systemd-mask.sh', 'stop', '--now'],
      ['systemd-mask.sh', 'stop', 'web'],
    ] as const) {
      const { status, stdout } = spawnSync(`${RECIPES}${name}`, words, { encoding: 'utf8', timeout: 10_000 });
      assert.deepEqual([status, stdout], [2, ''], `${name} ${words.join(' ')}`);
    }
  });
});
