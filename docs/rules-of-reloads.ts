// What each rule about changes of the configuration means (S7), for docs/rules.md; docs/rules-page.ts holds the others.

export const RULES_OF_RELOADS = {
  'S7.becomes-exclusive': {
    meaning: 'The service ran in several places and should become exclusive, while nothing is known of those places',
    remedy: 'Put it in maintenance first; `oneup maintenance off` adopts the one that runs',
  },
  'S7.cannot-load': {
    meaning:
      'A prober cannot load the configuration in force, so it neither votes nor leads, and nothing is reloaded or forgotten through it',
    remedy: 'Upgrade that prober, or give it the variables and files that the configuration names',
  },
  'S7.config-changed': {
    meaning: 'Something that the reload was judged from has changed before it was committed',
    remedy: 'Run `oneup reload` again',
  },
  'S7.config-differs': {
    meaning: 'The configuration file of a prober has been another text than the one in force for `timing.driftAfter`',
    remedy: 'Bring the file up to date, or propose it with `oneup reload`',
  },
  'S7.fixed': {
    meaning: 'A running cluster cannot move its name, its store or its state directory under its own feet',
    remedy: 'Set up another cluster with `oneup init`',
  },
  'S7.holder-not-listed': {
    meaning:
      'A node that the configuration in force does not list is active or holds the grant, so nobody could prove it down',
    remedy: 'Put the node back in the file, run `oneup reload`, then move the service away from it',
  },
  'S7.joining': {
    meaning: 'The node was added to a service that runs already, and was never proven down',
    remedy: 'Run `oneup rejoin` for it once',
  },
  'S7.node-may-run': {
    meaning: 'A node that is active, or not proven down, cannot be removed from its service or given another address',
    remedy: 'Move the service away, or give your word with `oneup confirm-down`',
  },
  'S7.node-published': {
    meaning:
      'DNS names the node, so it cannot be removed from its service or given another address, not even while the service is released',
    remedy:
      'Make another node active with `oneup switchover`; for a service that comes back, give the node its address or run `oneup forget`',
  },
  'S7.not-leaving': {
    meaning: '`oneup reload --release` names a service that the file still holds, or that is not in force',
    remedy: 'Take the service out of the file first',
  },
  'S7.operation-running': {
    meaning: 'An operation, and its DNS part, keep the configuration they were planned with to their end',
    remedy: 'Wait for it; `oneup why` says what it waits for',
  },
  'S7.other-file': {
    meaning: 'The prober that was asked runs with another file than the one that was named; it proposes its own only',
    remedy: 'Write the file there, or ask the prober that has it with `--socket`',
  },
  'S7.prober-cannot-load': {
    meaning: 'A live prober cannot load the file that was proposed, and would neither vote nor lead under it',
    remedy: 'Correct it on that prober, or name it with `oneup reload --force`',
  },
  'S7.record-damaged': {
    meaning:
      'A record of the service cannot be read, so nobody controls it, and a change of its nodes cannot be judged; forgotten so, its id comes back in a new generation only',
    remedy:
      'Restore the store from a backup, then `oneup recover`; until then leave this service as it is in the file: others go on',
  },
  'S7.record-published': {
    meaning:
      'DNS names the service by this record: under another name, zone or provider no write could follow the last, and nobody would know whose it is once the service is forgotten',
    remedy:
      'Keep the record, and let the new name be a CNAME to it; to forget the service, `oneup forget --remove-record`, or remove it at the provider and say `--record-removed`',
  },
  'S7.mode-differs': {
    meaning: 'A service keeps its mode: what is known of its nodes under one says nothing under the other',
    remedy: 'Remove the service, forget it with `oneup forget --remove-record`, and add it again',
  },
} as const;
