// The page of the state machine: the way of an operation drawn by hand, and the table of phases as the machine itself has it.
// `npm run docs` writes docs/state-machine.md from it.
import { PHASES } from '../src/failover/phase-table.ts';

const EFFECTS: Readonly<Record<(typeof PHASES)[keyof typeof PHASES]['effect'], string>> = {
  none: 'none',
  intent: 'an action, INTENT before and RESULT after',
  question: 'a question',
  dns: 'a conditional write',
};

export function stateMachinePage(): string {
  const rows = Object.entries(PHASES).map(
    ([phase, { slot, effect, does, resume }]) => `| ${phase} | ${slot} | ${EFFECTS[effect]} | ${does} | ${resume} |`,
  );
  return `${HEAD}${rows.join('\n')}\n${TAIL}`;
}

const HEAD = `# The failover machine

Generated from \`docs/state-machine-page.ts\` and the machine's own table by \`npm run docs\`. The machine is one pure function,
\`step(state, event, now)\`; the controller commits what it decides and does the effects afterwards.

\`\`\`
 PLAN -> PRECHECK -> SYNC -> TTL_LOWER -> DRAIN -> STOP_OLD -> CONFIRM_DOWN -> GRANT -> START_NEW -> VERIFY_NEW -> CUTOVER -> PROPAGATE -> POST
            |         |          |          |        |    ^      |     |                  |             |         '------ the tail ------'
            | refused |  abort   |  abort   | fails  |    |proof |     | still answering  | failed      | not seen up
            v         v          v          v        v    |      |     v                  v             v
        next candidate,       aborted    UNDRAIN    FENCE '------'    FENCE          TARGET_FAILED <----'
        or aborted                          |        |                                     |
                                            v        | no level passes                     | the target is stopped, and fenced unless it
                                         aborted     v                                     | acknowledges; then, through STOP_OLD:
                                                  BLOCKED, tried again                     |
                                                                                           +-> roll back to a node that was not fenced
                                                                                           +-> next candidate, from PRECHECK (automatic)
                                                                                           '-> failed: nothing runs, and everybody hears of it
\`\`\`

- Until the first action of STOP_OLD nothing was touched and an operation may end as aborted. Afterwards it ends as done, rolled
  back or failed.
- STOP_OLD and FENCE are passed once for every node without a standing proof; a node that is proven down is not touched.
- While fewer than a majority of the service's probers have a valid vote on the target (S24), a planned move ends as aborted before
  the first action of STOP_OLD, and VERIFY_NEW is BLOCKED: nobody has looked, so the target has not failed.
- While DNS is known not to follow (S27: somebody else changed the record, its last write failed, or the provider holds a newer one),
  a planned move away from a node that is up is refused, or ends as aborted before the first action of STOP_OLD; TTL_LOWER has
  patience with a write that is tried again. A failover never waits for DNS.
- From CUTOVER on the operation is the *tail*: DNS may take its time, and the next operation does not wait for it.
- \`rejoin\` and \`release\` have no target: they go from CONFIRM_DOWN to RESYNC or to their end. A \`fenceTest\` goes from PLAN to FENCE, once for
  each level, and ends there.
- SYNC is passed when the target has a sync action and the old node is up, TTL_LOWER and DRAIN by planned moves only.

## Kinds of operation

| kind | begun by | what is its own |
|---|---|---|
| \`automatic\` | the quorum agrees that the active is down | obeys every brake; may go on to the next candidate; the old node needs \`rejoin\` |
| \`restart\` | the same, while \`restart.attempts\` last | stop and start of the same node under the same epoch; DNS keeps its name; what does not come back is failed over |
| \`coldStart\` | nothing runs, and no person left it so | like \`automatic\` without an old node; every unproven node is proven down first |
| \`conflict\` | several nodes answer as active | the holder of the grant is kept, the others are stopped, then fenced; nobody holds it: all that most probers see are stopped, or nothing is touched (\`conflict: freeze\`) |
| \`switchover\` | a person, now or at a time | lowers the TTL, drains, and may roll back |
| \`failback\` | a person, or its window | a switchover to the preferred node |
| \`drill\` | a person | a switchover that comes back after a while |
| \`forced\` | a person | sets aside the rules that it names; never the proof, and it waits for nothing that is only polite |
| \`adopt\` | a person, or the end of maintenance | records an instance that runs instead of starting one; never fences |
| \`rejoin\` | a person | proof for a failed node, its resync action, and it is a standby again |
| \`release\` | the end of a node's maintenance | ends with an acknowledged stop of that node |
| \`fenceTest\` | a person | fires the levels of a standby one by one, also after one has passed; the node needs \`rejoin\` from the first shot on |
| \`check\` | a person | asks everything that a failover would rest on and touches nothing |

\`check\`, \`fenceTest\` and a resync that is under way give way to a failover.

## What holds an operation

Between two steps, never in the middle of one: maintenance of the service, a freeze, and the age \`failover.opMaxAge\`, which does
not count TTL_LOWER and DRAIN. It is then BLOCKED, says why, and tells a person again and again until somebody acknowledges it.
After its age it goes on by \`oneup continue\` only. \`oneup abort\` ends it before STOP_OLD has begun, and undoes the drain;
\`oneup rollback\` goes back afterwards, unless the old node was fenced. Both are bound to the operation that the person saw.

## Phases

| phase | record | effect | what it does | how the next controller takes it up |
|---|---|---|---|---|
`;

const TAIL = `
An action that was cut off with its controller says nothing about the node: it is sent again with a new step, and a start is
preceded by a stop.
`;
