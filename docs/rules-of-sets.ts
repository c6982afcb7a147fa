// What each rule of active-active services means, for docs/rules.md; docs/rules-page.ts holds the others.

export const RULES_OF_SETS = {
  'S28.fail-open': {
    meaning:
      'Fewer nodes of an active-active service are healthy than `minHealthy`, so health is not looked at: every node that was verified and that nobody took out is answered',
    remedy: 'Bring a node back; `oneup why` shows the votes on each',
  },
  'S28.last-answer': {
    meaning:
      'Fewer nodes of an active-active service are healthy than `minHealthy`, and none may be named anew, so the name answers what it answered last',
    remedy: 'Bring a node back, or end its drain or its maintenance',
  },
  'S28.min-healthy': {
    meaning: 'Without this node fewer healthy ones than `minHealthy` would be left in the answer',
    remedy: 'Bring another node back first, or lower `minHealthy`',
  },
  'mode.active-active': {
    meaning: 'The service is active-active: all of its healthy nodes answer, and nothing is ever moved',
    remedy: 'Take a node out with `oneup drain`, or put it in maintenance',
  },
  'mode.active-passive': {
    meaning: 'The service is active-passive: one node answers alone, so there is nothing to take it out of',
    remedy: 'Move the service with `oneup switchover`, which drains the old node first',
  },
  'node.drained': { meaning: 'Somebody has drained the node already', remedy: 'Nothing to do' },
  'node.not-drained': { meaning: 'Nobody has drained the node', remedy: 'Nothing to do' },
  'node.out-of-answer': {
    meaning: 'The quorum holds a node of an active-active service down, and the name does not answer it any more',
    remedy: 'Repair it; it answers again once the quorum holds it up and its resync has succeeded',
  },
  'node.resync-failed': {
    meaning: 'A node of an active-active service is up again, and its resync action failed, so it is not answered',
    remedy: 'It is tried again with growing pauses; at once with `oneup rejoin`',
  },
} as const;
