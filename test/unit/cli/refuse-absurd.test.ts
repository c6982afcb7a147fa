// Numbers that were found and that no new generation could be above: refused by name, where the highest honest ones go on (S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNT_MAX } from '../../../src/base/count-max.ts';
import { refuseAbsurd } from '../../../src/cli/refuse-absurd.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';

const SAID = { service: 'web', generation: 3, epoch: 80 } as const;
const ABSURD = 999_999_999_999_999;

test('the highest number that is taken leaves room for as many again', () => {
  refuseAbsurd('recover', [{ ...SAID, generation: COUNT_MAX, epoch: COUNT_MAX, provider: 'far' }]);
  const twice = 2 * COUNT_MAX;
  formatOwnership({ cluster: 'c', service: 'web', generation: twice, epoch: twice, seq: twice });
});

for (const [what, said, place] of [
  ['generation at a provider', { ...SAID, generation: ABSURD, provider: 'far' }, /provider:far says generation 9{15} /],
  ['epoch at a node', { ...SAID, epoch: ABSURD, node: 'a' }, /web\/a says generation 3 and epoch 9{15} of web/],
  ['epoch at a name server', { ...SAID, epoch: ABSURD, prober: 'p1' }, /the name server of p1 says/],
] as const)
  test(`an absurd ${what} is refused by name`, () => {
    const refuse = () => refuseAbsurd('recover', [{ ...SAID, provider: 'near' }, said]);
    assert.throws(refuse, { code: 'ONEUP_REFUSED', message: /^Cannot recover: S4\.absurd-number: (?!.*near)/ });
    assert.throws(refuse, { message: place });
  });
