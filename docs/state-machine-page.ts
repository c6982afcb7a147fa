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
 PLAN --> PRECHECK --> SYNC --> STOP_OLD --> CONFIRM_DOWN --> GRANT --> START_NEW --> VERIFY_NEW --> CUTOVER --> PROPAGATE --> POST
             |           |       |    ^       |     |                      |              |          '------- the tail --------'
             | refused   |       |    | proof |     | still answering      | failed       | not seen up
             v           |       v    |       |     v                      v              v
          next candidate |      FENCE '-------'    FENCE              TARGET_FAILED <-----'
          or aborted <---'       |                                         |
                                 | no level passes                         | the target is stopped, and fenced unless it
                                 v                                         | acknowledges; then, through STOP_OLD:
                              BLOCKED, tried again                         |
                                                                           +--> roll back to a node that was not fenced
                                                                           +--> next candidate, from PRECHECK (automatic)
                                                                           '--> failed: nothing runs, and everybody hears of it
\`\`\`

- Until the first action of STOP_OLD nothing was touched and an operation may end as aborted. Afterwards it ends as done, rolled
  back or failed.
- STOP_OLD and FENCE are passed once for every node without a standing proof; a node that is proven down is not touched.
- From CUTOVER on the operation is the *tail*: DNS may take its time, and the next operation does not wait for it.
- \`rejoin\` and \`release\` have no target: they go from CONFIRM_DOWN to RESYNC or to their end. \`adopt\` records an instance that
  runs instead of starting one, and never fences.

## Phases

| phase | record | effect | what it does | how the next controller takes it up |
|---|---|---|---|---|
`;

const TAIL = `
An action that was cut off with its controller says nothing about the node: it is sent again with a new step, and a start is
preceded by a stop.
`;
