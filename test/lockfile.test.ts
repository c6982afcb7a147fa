// `npm ci` must work on every machine: the lock file names the platform packages of all systems, not only of the one it was
// written on, and no registry's address.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Locked = {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

test('the lock file holds every optional package in the version that is asked for', () => {
  let seen = 0;
  for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const found = lock.packages[`node_modules/${name}`] ?? lock.packages[`${path}/node_modules/${name}`];
      assert.ok(found?.version !== undefined, `${name}, wanted by ${path}, is missing; npm ci refuses such a file`);
      seen += 1;
    }
  }
  assert.ok(seen > 10, `the lock file is read wrongly, it holds ${seen} optional packages`);
});

test('the lock file names no registry', () => {
  assert.deepEqual(
    Object.values(lock.packages).flatMap(({ resolved }) => resolved ?? []),
    [],
  );
});
