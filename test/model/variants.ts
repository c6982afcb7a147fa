// What is verified: the model itself in both kinds of nodes, and each mutation that takes one rule away from it.

export type Property = 'I1' | 'I2' | 'progress';

/** `guard`: nodes behind an ssh guard, without a lease. `agent`: nodes with an agent, a lease and a keeper. */
export type NodeKind = 'guard' | 'agent';

export type Mutation = { readonly macro: string; readonly rule: string; readonly meaning: string };

/** One program that spin generates, and the properties that are checked with it. */
export type Variant = {
  readonly nodes: NodeKind;
  readonly mutation: Mutation | null;
  readonly properties: readonly Property[];
};

export const VARIANTS: readonly Variant[] = [
  { nodes: 'guard', mutation: null, properties: ['I1', 'I2'] },
  { nodes: 'guard', mutation: null, properties: ['progress'] },
  { nodes: 'agent', mutation: null, properties: ['I1', 'I2'] },
  { nodes: 'agent', mutation: null, properties: ['progress'] },
  mutant(
    'DEADLINE_FROM_ANSWER',
    'agent',
    'I1',
    'S3',
    'the deadline of a lease counts from the answer, not from the request',
  ),
  mutant('NO_TERM_GUARD', 'guard', 'I2', 'S8', 'commits are not guarded by the term'),
  mutant('NO_TERM_WAIT', 'guard', 'I1', 'S9', 'a new term does not wait for its predecessor'),
  mutant('NO_MAYBE', 'guard', 'I1', 'S11', 'a grant does not write the breadcrumb'),
  mutant('NO_STEP_CHECK', 'guard', 'I1', 'S12', 'a node takes a lower step'),
  mutant('NO_RENEWAL_GUARD', 'agent', 'I1', 'S14', 'a renewal is not guarded by the grant'),
  mutant('SPAWN_FROM_MEMORY', 'agent', 'I1', 'S14', 'an agent spawns without a renewal'),
  mutant('NO_REVOKE', 'agent', 'I1', 'S15', 'the lease wait begins without REVOKE'),
  mutant('SHORT_WAIT', 'agent', 'I1', 'S2', 'the lease wait leaves no room for a slower clock'),
  mutant('NO_KEEPER', 'agent', 'I1', 'S16', 'nobody kills at the deadline'),
  mutant('FENCE_BY_EXIT', 'guard', 'I1', 'S18', 'the end of the fence command counts as proof'),
  mutant('NO_PROOF', 'guard', 'I1', 'S20', 'a start needs no proof'),
  mutant('NO_PRECHECK', 'agent', 'I1', 'S32', 'a target that may run is not looked at'),
  mutant('NO_START_DEADLINE', 'guard', 'progress', 'S33', 'a start that nobody answers is waited for'),
  mutant('NO_BLOCKED', 'agent', 'progress', 'S34', 'missing proof does not end in BLOCKED'),
];

/** Macros that choose the variant. Progress costs many times the states of safety, so it gets the smaller instance. */
export function macrosOf({ nodes, mutation, properties }: Variant): readonly string[] {
  return [
    ...(nodes === 'agent' ? ['LEASED'] : []),
    ...(properties.includes('progress') ? ['PROGRESS', 'EPOCHS=2'] : []),
    ...(mutation === null ? [] : [mutation.macro]),
  ];
}

function mutant(macro: string, nodes: NodeKind, breaks: Property, rule: string, meaning: string): Variant {
  return { nodes, mutation: { macro, rule, meaning }, properties: [breaks] };
}
